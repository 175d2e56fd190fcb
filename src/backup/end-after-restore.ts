import type { Database as SqliteHandle } from 'better-sqlite3';
import type { RevokedReason } from '../sessions/session.entity.js';
import { hasTable } from './latchkey-file.js';
import { addRestoreEntry } from './restore-entry.js';

/** What was removed from a restored database, because what happened since the backup is unknown. */
export interface Ended {
  sessions: number;
  links: number;
  mails: number;
}

export interface Terms {
  /** Milliseconds since the epoch. */
  now: number;
  /** How long an access token lives, in milliseconds. */
  tokenLifetime: number;
  keepsSessions: boolean;
  /** Who restores it, for the audit trail. */
  operator: string;
}

/**
 * Ends what a backup can't know the end of: sessions that were logged out since, links that were used, mails that
 * were sent. One transaction, in a file that no other process has open.
 */
export function endTheForgotten(handle: SqliteHandle, terms: Terms): Ended {
  handle.exec('BEGIN IMMEDIATE');
  const sessions = hasTable(handle, 'sessions') ? endSessions(handle, terms) : 0;
  const links = empty(handle, 'one_time_tokens');
  const mails = empty(handle, 'outgoing_mails');
  // A backup from a version without an audit trail gets entries from the next start on.
  if (hasTable(handle, 'audit_entries')) addRestoreEntry(handle, terms, { sessions });
  handle.exec('COMMIT');
  return { sessions, links, mails };
}

/**
 * The counter of revocations continues from the current time, past every number that was handed out, also by an earlier
 * restore; and what has ended gets the new number. So every follower of the feed gets the whole list once.
 */
function endSessions(handle: SqliteHandle, { now, tokenLifetime, keepsSessions }: Terms): number {
  const reason: RevokedReason = 'restored';
  handle.prepare('UPDATE revocation_counter SET value = max(value + 1, ?)').run(now);
  // A token that was issued since the backup may be valid for this long.
  const end = handle.prepare(`UPDATE sessions SET revoked_at = :now, revoked_reason = :reason,
    tokens_expire_at = max(tokens_expire_at, :last), expires_at = max(tokens_expire_at, :last)
    WHERE revoked_at IS NULL`);
  const { changes } = keepsSessions
    ? { changes: 0 }
    : end.run({ now, reason, last: now + tokenLifetime });
  handle.exec(`UPDATE sessions SET revoked_seq = (SELECT value FROM revocation_counter)
    WHERE revoked_at IS NOT NULL`);
  return changes;
}

function empty(handle: SqliteHandle, table: string): number {
  return hasTable(handle, table) ? handle.prepare(`DELETE FROM ${table}`).run().changes : 0;
}
