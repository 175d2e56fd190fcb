import { isoTime } from '../../common/iso-time.js';
import { isObject } from '../../common/is-object.js';
import type { UserRecord } from '../imported-user.js';
import { fullNameOf, type LeftOut, objectIn, type Source, textIn } from './source.js';

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
    created_at: isTime(createdTimestamp) ? isoTime(createdTimestamp) : undefined,
  };
}

/** @returns the hash as a PHC string, or a string that is not a hash, for the check to refuse */
function hashOf(credentials: unknown): string | undefined {
  const all: unknown[] = Array.isArray(credentials) ? credentials : [];
  const credential = all.find((one) => isObject(one) && one.type === 'password');
  if (!isObject(credential)) return undefined;
  // An export has these two as JSON in a string.
  const { salt, value } = objectIn(credential.secretData);
  const data = objectIn(credential.credentialData);
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

function unpadded(base64: string): string {
  return base64.replace(/=+$/, '');
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= 8.64e15;
}
