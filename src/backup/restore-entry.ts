import type { Database as SqliteHandle } from 'better-sqlite3';
import type { OwnEvent } from '../audit/events.js';
import { entryId } from '../audit/entry-id.js';
import type { Details } from '../audit/facts.js';

/** Records the restore in the audit trail of the restored database, which would otherwise have an unnoticed gap. */
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
