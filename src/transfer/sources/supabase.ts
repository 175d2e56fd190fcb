import { isObject } from '../file-record.js';
import { timeOf } from '../times.js';
import type { UserRecord } from '../imported-user.js';
import { fullNameOf, type LeftOut, type Source, textIn } from './source.js';

/** The table auth.users, as CSV or JSON. */
export const supabase: Source = {
  name: 'supabase',
  formats: ['json', 'csv', 'ndjson'],
  columns: { required: ['email', 'encrypted_password'] },
  read: readUser,
};

function readUser(record: Record<string, unknown>, now: number): UserRecord | LeftOut {
  const metadata = metadataOf(record.raw_user_meta_data);
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

/** An object, or in CSV the text of one. What else stands there was put there by the user. */
function metadataOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'string') return isObject(value) ? value : {};
  try {
    const parsed: unknown = JSON.parse(value);
    return isObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}
