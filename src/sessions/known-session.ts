import type { User } from '../users/user.entity.js';
import type { Session } from './session.entity.js';

/** The user of a session, as far as a token is concerned. */
export type SessionOwner = Pick<User, 'id' | 'username' | 'disabled' | 'scopes'>;

/** What is read of a session, live or over, when one of its tokens is presented. */
export type KnownSession = Pick<
  Session,
  | 'id'
  | 'clientId'
  | 'clientAuthenticated'
  | 'scope'
  | 'createdAt'
  | 'lastUsedAt'
  | 'refreshCounter'
  | 'rotatedAt'
  | 'tokensExpireAt'
  | 'expiresAt'
  | 'revokedAt'
> & {
  /** Null once the user is deleted. */
  user: SessionOwner | null;
};

/** What a query of them selects, under the aliases `session` and `user`. */
export const SESSION_COLUMNS = [
  'session.id',
  'session.clientId',
  'session.clientAuthenticated',
  'session.scope',
  'session.createdAt',
  'session.lastUsedAt',
  'session.refreshCounter',
  'session.rotatedAt',
  'session.tokensExpireAt',
  'session.expiresAt',
  'session.revokedAt',
];
export const OWNER_COLUMNS = ['user.id', 'user.username', 'user.disabled', 'user.scopes'];

/** PostgreSQL's driver returns a bigint as a string. */
type Bigint = number | string;

/** A row as the driver returns it: SQLite has 0 and 1 for booleans, PostgreSQL has booleans. */
export interface SessionRow {
  session_id: string;
  session_client_id: string | null;
  session_client_authenticated: boolean | number;
  session_scope: string | null;
  session_created_at: Bigint;
  session_last_used_at: Bigint;
  session_refresh_counter: number;
  session_rotated_at: Bigint | null;
  session_tokens_expire_at: Bigint;
  session_expires_at: Bigint;
  session_revoked_at: Bigint | null;
  user_id: number | null;
  user_username: string | null;
  user_disabled: boolean | number | null;
  user_scopes: string | null;
}

export function sessionOf(row: SessionRow): KnownSession {
  return {
    id: row.session_id,
    clientId: row.session_client_id,
    clientAuthenticated: Boolean(row.session_client_authenticated),
    scope: row.session_scope,
    createdAt: Number(row.session_created_at),
    lastUsedAt: Number(row.session_last_used_at),
    refreshCounter: row.session_refresh_counter,
    rotatedAt: numberOrNull(row.session_rotated_at),
    tokensExpireAt: Number(row.session_tokens_expire_at),
    expiresAt: Number(row.session_expires_at),
    revokedAt: numberOrNull(row.session_revoked_at),
    user: ownerOf(row),
  };
}

function ownerOf(row: SessionRow): SessionOwner | null {
  if (row.user_id === null) return null;
  return {
    id: row.user_id,
    username: row.user_username,
    disabled: row.user_disabled === null ? null : Boolean(row.user_disabled),
    scopes: row.user_scopes,
  };
}

function numberOrNull(value: Bigint | null): number | null {
  return value === null ? null : Number(value);
}
