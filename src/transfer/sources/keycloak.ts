import { isObject } from '../file-record.js';
import type { UserRecord } from '../imported-user.js';
import { textOf } from '../times.js';
import { fullNameOf, type LeftOut, type Source, textIn } from './source.js';

type Json = Record<string, unknown>;

const ARGON2_VERSIONS: Readonly<Record<string, number>> = { '1.0': 16, '1.3': 19 };

/** The export of a realm with its users. */
export const keycloak: Source = {
  name: 'keycloak',
  formats: ['json'],
  columns: { required: [] },
  member: 'users',
  read: readUser,
};

function readUser(user: Json): UserRecord | LeftOut {
  if (typeof user.serviceAccountClientId === 'string') {
    return { leftOut: 'is the service account of a client' };
  }
  const { username, email, emailVerified, firstName, lastName, enabled, createdTimestamp } = user;
  return {
    username,
    email: textIn(email),
    full_name: fullNameOf(firstName, lastName),
    disabled: enabled === false,
    hashed_password: hashOf(user.credentials),
    email_verified: emailVerified === true,
    created_at: isTime(createdTimestamp) ? textOf(createdTimestamp) : undefined,
  };
}

/** @returns the hash as a PHC string, or a text that no hash is, for the check to refuse */
function hashOf(credentials: unknown): string | undefined {
  const all: unknown[] = Array.isArray(credentials) ? credentials : [];
  const credential = all.find((one) => isObject(one) && one.type === 'password');
  if (!isObject(credential)) return undefined;
  const { salt, value } = parse(credential.secretData);
  const data = parse(credential.credentialData);
  if (typeof salt !== 'string' || typeof value !== 'string') return 'no hash';
  return `$${parametersOf(data)}$${unpadded(salt)}$${unpadded(value)}`;
}

/** The names are those of `Argon2PasswordHashProviderFactory` and of its counterparts for PBKDF2. */
function parametersOf({ algorithm, hashIterations, additionalParameters }: Json): string {
  const iterations = String(hashIterations);
  if (algorithm !== 'argon2') return `${String(algorithm)}$i=${iterations}`;
  const first = (name: string) => {
    const values: unknown = isObject(additionalParameters) ? additionalParameters[name] : undefined;
    return String(Array.isArray(values) ? values[0] : values);
  };
  const version = ARGON2_VERSIONS[first('version')] ?? 0;
  const costs = `m=${first('memory')},t=${iterations},p=${first('parallelism')}`;
  return `argon2${first('type')}$v=${version}$${costs}`;
}

/** An export has these two as JSON in a text. */
function parse(value: unknown): Json {
  if (typeof value !== 'string') return {};
  try {
    const parsed: unknown = JSON.parse(value);
    return isObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

function unpadded(base64: string): string {
  return base64.replace(/=+$/, '');
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= 8.64e15;
}
