import { canonicalAddress, canonicalName } from '../common/canonical-text.js';
import type { ImportedUser } from './imported-user.js';
import type { SimilarRow } from './user-rows.js';

/** What the database contains of the users to be imported. */
export class ExistingUsers {
  private readonly byExactName = new Map<string, SimilarRow>();
  private readonly byName = new Map<string, SimilarRow>();
  private readonly byAddress = new Map<string, SimilarRow>();

  constructor(
    rows: readonly SimilarRow[],
    private readonly unfreeNames: ReadonlySet<string>,
  ) {
    for (const row of rows) {
      // A row without canonical forms can only be found by its plain columns.
      for (const name of [row.username_key, row.username && canonicalName(row.username)])
        if (name) this.byName.set(name, row);
      for (const address of [row.email_key, row.email && canonicalAddress(row.email)])
        if (address) this.byAddress.set(address, row);
    }
    // Of two rows with the same canonical name, the one with the identical name is meant.
    for (const row of rows) if (row.username !== null) this.byExactName.set(row.username, row);
  }

  /** Whether the user exists already, or what conflicts; undefined if nothing does. */
  stateOf({ username, email }: ImportedUser): 'present' | { problem: string } | undefined {
    const row = this.byExactName.get(username) ?? this.byName.get(canonicalName(username));
    if (row) return stateBeside(row, username, email);
    if (this.unfreeNames.has(canonicalName(username))) {
      return { problem: 'username: was that of a deleted user, and is not free again yet' };
    }
    return email !== null && this.byAddress.has(canonicalAddress(email))
      ? { problem: 'email: is that of another user' }
      : undefined;
  }
}

function stateBeside(
  row: SimilarRow,
  username: string,
  email: string | null,
): 'present' | { problem: string } {
  if (row.pending_until !== null) {
    return { problem: 'username: is waiting for its address to be verified, by a sign-up' };
  }
  if (row.username !== username) return { problem: 'username: is that of another user' };
  return row.email === email
    ? 'present'
    : { problem: 'email: is not that of the existing user of this name' };
}
