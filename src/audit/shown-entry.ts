import { isoTime } from '../common/iso-time.js';
import type { AuditEntry, Kind } from './audit-entry.entity.js';
import { type Details, detailsIn } from './facts.js';

/** An entry as readers of the trail get it. */
export interface ShownEntry {
  id: string;
  /** ISO 8601, UTC. */
  time: string;
  event: string;
  outcome: string;
  actor: ShownParty | null;
  subject: ShownParty | null;
  ip: string | null;
  request_id: string | null;
  reason: string | null;
  details: Details;
}

/** A user, a client, a key, the command line, the service; the id is a user's. */
interface ShownParty {
  kind: Kind;
  id: number | null;
  name: string | null;
}

export function shownEntry(entry: AuditEntry): ShownEntry {
  const { id, time, event, outcome, ip, requestId, reason, details } = entry;
  return {
    id,
    time: isoTime(time),
    event,
    outcome,
    actor: party(entry.actorKind, entry.actorId, entry.actor),
    subject: party(entry.subjectKind, entry.subjectId, entry.subject),
    ip,
    request_id: requestId,
    reason,
    details: detailsIn(details),
  };
}

function party(kind: Kind | null, id: number | null, name: string | null): ShownParty | null {
  return kind === null ? null : { kind, id, name };
}
