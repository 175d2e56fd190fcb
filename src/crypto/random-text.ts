import { randomBytes } from 'node:crypto';

/** Random bits as base64url text, for ids and secrets that nobody can guess. */
export function randomText(bits: number): string {
  return randomBytes(bits / 8).toString('base64url');
}
