import { OAuthError } from '../common/oauth-error.js';
import type { FormFields } from '../common/form-body.js';

/** A password grant's request (RFC 6749 §4.3.2), with every field at most once. */
export interface PasswordGrantRequest {
  username: string;
  password: string;
}

const KNOWN = [
  'username',
  'password',
  'grant_type',
  'scope',
  'client_id',
  'client_secret',
] as const;
type KnownField = (typeof KNOWN)[number];

/** RFC 6749 §3.3: printable ASCII without `"` and `\`, with blanks between. */
const SCOPE = /^[\x20\x21\x23-\x5B\x5D-\x7E]*$/;

/**
 * @throws OAuthError `invalid_request` that says which field and what to send, `unsupported_grant_type`,
 *   `invalid_scope`
 */
export function parsePasswordGrant(fields: FormFields): PasswordGrantRequest {
  const form = singleFields(fields);
  const grantType = form.get('grant_type') ?? '';
  if (grantType !== '' && grantType !== 'password') {
    throw new OAuthError('unsupported_grant_type', 'The grant_type must be password');
  }
  const username = required(form, 'username');
  const password = required(form, 'password');
  if (username.includes('\0')) {
    throw new OAuthError('invalid_request', 'The username must not contain a NUL character');
  }
  if (!SCOPE.test(form.get('scope') ?? '')) {
    throw new OAuthError(
      'invalid_scope',
      'The scope has characters that RFC 6749 3.3 does not allow',
    );
  }
  return { username, password };
}

/** Unknown fields are ignored (RFC 6749 §3.2), a known one may not stand there twice. */
function singleFields(fields: FormFields): Map<KnownField, string> {
  const form = new Map<KnownField, string>();
  for (const [name, value] of fields) {
    const field = KNOWN.find((known) => name === known || name.startsWith(`${known}[`));
    if (!field) continue;
    if (name !== field) {
      throw new OAuthError('invalid_request', `Send ${field} as a plain field, not as ${field}[]`);
    }
    if (form.has(field)) throw new OAuthError('invalid_request', `Send ${field} once`);
    form.set(field, value);
  }
  return form;
}

function required(form: Map<KnownField, string>, field: KnownField): string {
  const value = form.get(field);
  if (value) return value;
  throw new OAuthError(
    'invalid_request',
    `The field ${field} is required; send it in the form body`,
  );
}
