import { canonicalAddress, canonicalName } from '../common/canonical-text.js';
import type { ImportedUser } from './imported-user.js';

/** The names and addresses seen in a file so far, in canonical form, with their lines. */
export class FileNames {
  private readonly names = new Map<string, number>();
  private readonly addresses = new Map<string, number>();

  /** Notes a user. @returns what is wrong with them, if an earlier line has the same */
  add(line: number, { username, email }: ImportedUser): string | undefined {
    const sameName = claim(this.names, canonicalName(username), line);
    if (sameName !== undefined) return `username: is the same as in line ${sameName}`;
    if (email === null) return undefined;
    const sameAddress = claim(this.addresses, canonicalAddress(email), line);
    return sameAddress === undefined ? undefined : `email: is the same as in line ${sameAddress}`;
  }
}

/** @returns the line that has the key already */
function claim(taken: Map<string, number>, key: string, line: number): number | undefined {
  const first = taken.get(key);
  if (first === undefined) taken.set(key, line);
  return first;
}
