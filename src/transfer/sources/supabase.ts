import { timeOf } from '../read-time.js';
import type { UserRecord } from '../imported-user.js';
import { fullNameOf, type LeftOut, objectIn, type Source, textIn } from './source.js';

/** The table auth.users, as CSV or JSON. */
export const supabase: Source = {
  name: 'supabase',
  formats: ['json', 'csv', 'ndjson'],
  columns: { required: ['email', 'encrypted_password'] },
  read: readUser,
};

function readUser(record: Record<string, unknown>, now: number): UserRecord | LeftOut {
  // Anything else there may have been set by the user.
  const metadata = objectIn(record.raw_user_meta_data);
  const email = textIn(record.email) ?? undefined;
  const username = textIn(metadata.user_name) ?? email;
  if (textIn(record.deleted_at) != null) return { leftOut: 'was deleted' };
  if (username === undefined) return { leftOut: 'has no e-mail address and no user_name' };
  return {
    username,
    email,
    full_name: fullNameOf(metadata.full_name) ?? fullNameOf(metadata.name),
    disabled: (timeOf(record.banned_until) ?? 0) > now,
    hashed_password: textIn(record.encrypted_password),
    email_verified: textIn(record.email_confirmed_at),
    created_at: textIn(record.created_at),
  };
}
