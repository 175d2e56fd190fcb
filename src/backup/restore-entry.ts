import type { Database as SqliteHandle } from 'better-sqlite3';
import type { OwnEvent } from '../audit/events.js';
import { entryId } from '../audit/entry-id.js';
import type { Details } from '../audit/facts.js';

/** Has the audit trail of a restored database say so, or it would have a gap that nobody sees. */
export function addRestoreEntry(
  handle: SqliteHandle,
  { now, operator }: { now: number; operator: string },
  details: Details,
): void {
  const event: OwnEvent = 'database_restored';
  handle
    .prepare(
      `INSERT INTO audit_entries (id, time, event, outcome, actor_kind, actor, details)
      VALUES (?, ?, ?, 'success', 'cli', ?, ?)`,
    )
    .run(entryId(now), now, event, operator, JSON.stringify(details));
}
