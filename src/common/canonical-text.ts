import { createHash } from 'node:crypto';

/** How long a canonical form may be, in UTF-8 bytes: PostgreSQL's indexes take rows of 2,704. */
const LONGEST = 2_560;

/** Invisible characters, such as a joiner or a variation selector. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;

/**
 * The form in which usernames are unique: NFKC, without invisible characters, and case-folded widely, through the
 * capitals, so that letters that share one (`i` and the dotless `ı`, `s` and `ſ`, `ß` and `ss`) are the same. A form
 * that has grown too long, which takes a name beyond today's rules, is its SHA-256.
 */
export function canonicalName(name: string): string {
  const form = foldCase(foldCase(name));
  if (Buffer.byteLength(form) <= LONGEST) return form;
  return `sha256:${createHash('sha256').update(form).digest('hex')}`;
}

/**
 * The form in which e-mail addresses are unique: the letters of ASCII in lower case. No others: a look-alike of an
 * address must never be taken for it.
 */
export function canonicalAddress(address: string): string {
  return address.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Down first: the capital `ẞ` is its own capital, and only `ß` becomes `SS`. */
function foldCase(text: string): string {
  const visible = text.normalize('NFKC').replace(INVISIBLE, '');
  return visible.toLowerCase().toUpperCase().toLowerCase().normalize('NFKC');
}
