import { z } from 'zod';
import { PASSWORD_LONGEST } from '../crypto/password-hasher.js';
import { InvalidUser } from './user-errors.js';

/** How the `sub` of a client's own token begins. */
export const CLIENT_PREFIX = 'client:';

/** Control and line-separating characters, and what is no character at all. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u;

const printable = z
  .string()
  .refine((text) => !CONTROL.test(text), 'must not contain control characters');

const rules = {
  username: printable
    .refine((text) => hasLength(text, 1, 64), 'must have 1 to 64 characters')
    .refine((text) => !isReserved(text), `must not begin with ${CLIENT_PREFIX}`),
  password: z
    .string()
    .refine((text) => hasLength(text, 8, Infinity), 'must have at least 8 characters')
    .refine(
      (text) => Buffer.byteLength(text) <= PASSWORD_LONGEST,
      `must have at most ${PASSWORD_LONGEST} bytes`,
    ),
  email: printable.pipe(z.email('must be an address such as alex@example.com').max(254)),
  full_name: printable.refine((text) => hasLength(text, 1, 255), 'must have 1 to 255 characters'),
};

/** A user of such a name could be taken for a client. */
export function isReserved(username: string): boolean {
  return username.toLowerCase().startsWith(CLIENT_PREFIX);
}

/** @throws InvalidUser unless the name has 1 to 64 characters, no control characters, and is no client's */
export const checkUsername = (value: string) => check('username', value);

/** @throws InvalidUser unless the password has 8 code points to 1024 UTF-8 bytes */
export const checkPassword = (value: string) => check('password', value);

/** @throws InvalidUser */
export const checkEmail = (value: string) => check('email', value);

/** @throws InvalidUser */
export const checkFullName = (value: string) => check('full_name', value);

function check(field: keyof typeof rules, value: string): void {
  const result = rules[field].safeParse(value);
  if (!result.success) throw new InvalidUser(field, String(result.error.issues[0]?.message));
}

/** Counts code points, as a person would sooner than UTF-16 code units. */
function hasLength(text: string, min: number, max: number): boolean {
  const { length } = Array.from(text);
  return length >= min && length <= max;
}
