import type { User } from './user.entity.js';

/** What a login, and every request with an access token, needs of a user's row. */
export type LoginUser = Pick<
  User,
  'id' | 'email' | 'fullName' | 'hashedPassword' | 'disabled' | 'scopes' | 'pendingUntil'
> & {
  username: string;
};

/** A row as the driver returns it: SQLite has 0 and 1 for booleans, PostgreSQL has booleans. */
export interface LoginUserRow {
  user_id: number;
  user_username: string;
  user_email: string | null;
  user_full_name: string | null;
  user_hashed_password: string | null;
  user_disabled: boolean | number | null;
  user_scopes: string | null;
  /** PostgreSQL's driver returns a bigint as a string. */
  user_pending_until: number | string | null;
}

export function loginUserOf(row: LoginUserRow): LoginUser {
  return {
    id: row.user_id,
    username: row.user_username,
    email: row.user_email,
    fullName: row.user_full_name,
    hashedPassword: row.user_hashed_password,
    disabled: row.user_disabled === null ? null : Boolean(row.user_disabled),
    scopes: row.user_scopes,
    pendingUntil: row.user_pending_until === null ? null : Number(row.user_pending_until),
  };
}
