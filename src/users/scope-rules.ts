import * as z from 'zod';
import { parseScope, PROFILE } from '../http/scopes.js';

/** How many scopes a user has at most, and how long each is: all of them are in every token. */
const MOST = 32;
const LONGEST = 64;

/** RFC 6749 §3.3, scope-token. */
const WORD = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

const word = z
  .string()
  .refine(isScope, `must be 1 to ${LONGEST} ASCII characters without spaces, quotes and \\`);

/** The scopes that a user is granted. */
export const grantedScopes = z.array(word).max(MOST, `must be at most ${MOST} scopes`);

export function isScope(text: string): boolean {
  return text.length <= LONGEST && WORD.test(text);
}

/** How granted scopes are stored: each once, without the one that every user has; null for none. */
export function storedScopes(scopes: readonly string[]): string | null {
  const stored = new Set(scopes.filter((scope) => scope !== PROFILE));
  return stored.size === 0 ? null : [...stored].join(' ');
}

/** Is it among the user's scopes? */
export function isGranted(user: { scopes: string | null }, scope: string): boolean {
  return parseScope(user.scopes).includes(scope);
}

/**
 * A condition on a row of `users`: the scope is among its own, as a whole word. No LIKE: scopes may have its
 * wildcards in them, and on SQLite it is case-insensitive.
 * @param column how the statement names the column
 * @returns SQL with the parameter `:word`, which `scopeWord` makes
 */
export function hasScope(column: string): string {
  const words = `' ' || ${column} || ' '`;
  return `${column} IS NOT NULL AND replace(${words}, :word, '') <> ${words}`;
}

export function scopeWord(scope: string): { word: string } {
  return { word: ` ${scope} ` };
}
