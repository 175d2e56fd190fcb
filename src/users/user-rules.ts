import * as z from 'zod';
import { canonicalName } from '../common/canonical-text.js';
import { checkFields } from '../http/check-fields.js';

/** How the `sub` of a client's own token begins. */
export const CLIENT_PREFIX = 'client:';

/** Control and line-separating characters, and lone surrogates. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u;

/** What changes the direction of the text around it (Unicode Standard Annex #9 §2). */
const BIDIRECTIONAL = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

/** Letters with their marks, digits, and the other usual characters of e-mail addresses. */
const USERNAME = /^[\p{L}\p{Nd}._@+-][\p{L}\p{M}\p{Nd}._@+-]*$/u;

/** Some of the letters and marks are invisible: a name with one looks just like the name without. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u;

/** A character in NFC comes from at most four (unicode.org/faq/normalization, "expansion factor"). */
const LONGEST_TYPED = 4 * 64;

/** One mailbox as used on the internet: RFC 5321 §4.1.2 without quoted local parts and address literals. */
const EMAIL =
  /^(?=.{1,64}@)[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])$/;

/** What is said of an e-mail address that is none. */
export const NO_ADDRESS = 'must be an address such as alex@example.com';

const printable = z
  .string()
  .refine((text) => !CONTROL.test(text), 'must not contain control characters')
  .refine((text) => !BIDIRECTIONAL.test(text), 'must not contain bidirectional control characters');

/** The rules for what is stored about a user; the username is normalized to NFC. */
export const userFields = {
  username: z
    .string()
    // Before normalization: that of many marks in a row takes long.
    .refine((text) => hasLength(text, 1, LONGEST_TYPED), 'must have 1 to 64 characters')
    .transform((text) => text.normalize('NFC'))
    .pipe(
      z
        .string()
        .refine((text) => hasLength(text, 1, 64), 'must have 1 to 64 characters')
        .refine((text) => !isReserved(text), {
          error: `must not begin with ${CLIENT_PREFIX}`,
          abort: true,
        })
        .refine(
          (text) => USERNAME.test(text) && !INVISIBLE.test(text),
          'must have letters, digits and the characters . _ - @ + only',
        ),
    ),
  email: printable.pipe(
    z.email({ pattern: EMAIL, error: NO_ADDRESS }).max(254, 'must have at most 254 characters'),
  ),
  full_name: printable.refine((text) => hasLength(text, 1, 255), 'must have 1 to 255 characters'),
};

/** An address that someone entered: a response must not reveal whether it can be registered. */
export const typedAddress = printable
  .refine((text) => hasLength(text, 3, 254), 'must have 3 to 254 characters')
  .refine((text) => text.includes('@'), NO_ADDRESS);

/** A user of such a name could be taken for a client. */
export function isReserved(username: string): boolean {
  return username.toLowerCase().startsWith(CLIENT_PREFIX);
}

/** Is it one of the names, or could it be taken for one of them? */
export function isOneOf(username: string, names: readonly string[]): boolean {
  const key = canonicalName(username);
  return names.some((name) => canonicalName(name) === key);
}

/** @throws InvalidFields */
export function checkUser(fields: Record<string, unknown>) {
  return checkFields(z.strictObject(userFields).partial(), fields);
}

/** Counts code points, as a person would sooner than UTF-16 code units. */
export function hasLength(text: string, min: number, max: number): boolean {
  const { length } = Array.from(text);
  return length >= min && length <= max;
}
