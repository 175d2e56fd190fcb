import type { Database as SqliteHandle } from 'better-sqlite3';
import type { OwnEvent } from '../audit/audit-trail.service.js';
import { entryId } from '../audit/entry-id.js';
import type { Details } from '../audit/facts.js';
import { ProcessActor } from '../audit/process-actor.js';

/** Has the audit trail of a restored database say so, or it would have a gap that nobody sees. */
export function addRestoreEntry(
  handle: SqliteHandle,
  { now, operator }: { now: number; operator: string },
  details: Details,
): void {
  const event: OwnEvent = 'database_restored';
  const { kind, name } = new ProcessActor('cli', operator);
  handle
    .prepare(
      `INSERT INTO audit_entries (id, time, event, outcome, actor_kind, actor, details)
      VALUES (?, ?, ?, 'success', ?, ?, ?)`,
    )
    .run(entryId(now), now, event, kind, name, JSON.stringify(details));
}
