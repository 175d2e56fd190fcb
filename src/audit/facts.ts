import type { Person } from '../http/request-context.js';
import type { SecurityFields } from './security-log.js';
import { logText } from '../common/log-text.js';
import type { AuditEntry } from './audit-entry.entity.js';

/** What is recorded of an event besides who did it and from where. */
export interface Facts {
  /** The user whom it is about. */
  user?: Person | null;
  /** The same, by name: for a user whom the group of statements creates first, and who may not exist. */
  username?: string;
  /** The registered client that it is about. */
  client?: string;
  /** The signing key that it is about. */
  key?: string;
  /** An unknown name as it was entered: people type passwords there. For the log only. */
  typed?: { username?: string; client_id?: string | undefined };
  /** One fixed word, or several. */
  reason?: string;
  /** The administrator, for the log; the trail knows who sends a request. */
  by?: string;
  details?: Details;
}

/** Details of some events. */
export interface Details {
  /** Through which client. */
  client_id?: string;
  /** What the user is granted now. */
  scope?: string;
  disabled?: boolean;
  /** How many users it is about. */
  users?: number;
  /** How many sessions it ended. */
  sessions?: number;
  /** How many refusals of the kind came before it without an entry of their own. */
  omitted?: number;
}

export type Named = Pick<AuditEntry, 'subjectKind' | 'subjectId' | 'subject'>;

/** Whom, or what, an event is about. */
export function subjectOf({ user, username, client, key }: Facts): Named {
  if (user) return named('user', user.username, user.id);
  if (username !== undefined) return named('user', username);
  if (client !== undefined) return named('client', client);
  if (key !== undefined) return named('key', key);
  return { subjectKind: null, subjectId: null, subject: null };
}

/** What the log says about it. */
export function logFieldsOf({ user, typed, reason, by, details, ...facts }: Facts) {
  const username = typed?.username ?? user?.username ?? facts.username;
  const client_id = typed?.client_id ?? details?.client_id ?? facts.client;
  const fields: SecurityFields = {
    ...(username !== undefined && { username }),
    ...(client_id !== undefined && { client_id }),
    ...(by !== undefined && { by }),
    ...(details?.scope !== undefined && { scope: details.scope }),
    ...(reason !== undefined && { reason }),
  };
  return fields;
}

/** @param text as the column has them */
export function detailsIn(text: string | null): Details {
  return text === null ? {} : (JSON.parse(text) as Details);
}

function named(kind: Named['subjectKind'], name: string | null, id: number | null = null): Named {
  return { subjectKind: kind, subjectId: id, subject: name === null ? null : logText(name) };
}
