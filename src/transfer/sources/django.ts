import { isObject } from '../../common/is-object.js';
import type { UserRecord } from '../imported-user.js';
import { fullNameOf, type LeftOut, type Source, textIn } from './source.js';

/** Django marks a user without a password with a special value. */
const UNUSABLE = '!';

const NO = new Set<unknown>([false, 0, 'false', 'f', '0', 'False']);

/** `manage.py dumpdata auth.user`, or the table auth_user as CSV. */
export const django: Source = {
  name: 'django',
  formats: ['json', 'csv', 'ndjson'],
  columns: { required: ['username', 'password'] },
  read: (record) => (typeof record.model === 'string' ? readDump(record) : readFields(record)),
};

/** A custom user model has another name with the same ending. */
function readDump({ model, fields }: Record<string, unknown>): UserRecord | LeftOut {
  if (!String(model).toLowerCase().endsWith('user')) {
    return { leftOut: `is not a user but ${String(model)}` };
  }
  return readFields(isObject(fields) ? fields : {});
}

function readFields(fields: Record<string, unknown>): UserRecord {
  const { username, email, password, first_name, last_name, is_active, date_joined } = fields;
  const hasPassword = typeof password !== 'string' || !password.startsWith(UNUSABLE);
  return {
    username,
    email: textIn(email),
    full_name: fullNameOf(first_name, last_name),
    disabled: NO.has(is_active),
    hashed_password: hasPassword ? textIn(password) : undefined,
    created_at: textIn(date_joined),
  };
}
