import * as z from 'zod';
import { parseScope } from '../http/scopes.js';
import { parseStoredHash } from '../crypto/parse-stored-hash.js';
import { grantedScopes, storedScopes } from '../users/scope-rules.js';
import { userFields } from '../users/user-rules.js';
import { timeOf } from './read-time.js';

/** The members of a user in a file, which are the columns of a CSV file too. */
export const MEMBERS = [
  'username',
  'email',
  'full_name',
  'disabled',
  'hashed_password',
  'scopes',
  'email_verified',
  'created_at',
] as const;

export type UserRecord = Partial<Record<(typeof MEMBERS)[number], unknown>>;

/** Longer than all the scopes that a user may be granted. */
const LONGEST_SCOPES = 4096;

const YES = new Set<unknown>([true, 1, 'true', 't', '1']);
const NO = new Set<unknown>([false, 0, 'false', 'f', '0']);

/** As JSON, SQLite and PostgreSQL write it. */
function flagOf(value: unknown): boolean | undefined {
  return YES.has(value) || (NO.has(value) ? false : undefined);
}

/** A value that is read by a function of its own, which returns undefined for what it doesn't accept. */
function readBy<T>(read: (value: unknown) => T | undefined, message: string) {
  return z.unknown().transform((value, context): T => {
    const result = read(value);
    if (result !== undefined) return result;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}

const flag = readBy(flagOf, 'must be true or false');
const time = readBy(timeOf, 'must be a time such as 2026-01-31T12:00:00Z');
const flagOrTime = readBy<boolean | number>(
  (value) => timeOf(value) ?? flagOf(value),
  'must be true, false or the time since when',
);

/** What a file says about a user. The rules are those of the service, and so are the messages. */
export const userRecord = z.strictObject({
  username: userFields.username,
  email: userFields.email.nullish(),
  full_name: userFields.full_name.nullish(),
  disabled: flag.nullish(),
  hashed_password: z
    .string()
    .refine((text) => parseStoredHash(text), 'is not a hash of a kind that can be verified')
    .nullish(),
  scopes: z
    .string()
    .max(LONGEST_SCOPES, `must have at most ${LONGEST_SCOPES} characters`)
    .refine(isWords, 'must be words separated by single spaces')
    .transform(parseScope)
    .pipe(grantedScopes)
    .transform(storedScopes)
    .nullish(),
  email_verified: flagOrTime.nullish(),
  created_at: time.nullish(),
});

function isWords(text: string): boolean {
  return text !== '' && parseScope(text).join(' ') === text;
}

/** A user from a file, checked, as it will be stored. */
export interface ImportedUser {
  username: string;
  email: string | null;
  fullName: string | null;
  disabled: boolean;
  hashedPassword: string | null;
  scopes: string | null;
  emailVerifiedAt: number | null;
  createdAt: number;
}

/** @param now when the user was created, if the file doesn't say */
export function importedUser(record: z.output<typeof userRecord>, now: number): ImportedUser {
  const { email_verified: verified } = record;
  return {
    username: record.username,
    email: record.email ?? null,
    fullName: record.full_name ?? null,
    disabled: record.disabled ?? false,
    hashedPassword: record.hashed_password ?? null,
    scopes: record.scopes ?? null,
    emailVerifiedAt: typeof verified === 'number' ? verified : verified ? now : null,
    createdAt: record.created_at ?? now,
  };
}
