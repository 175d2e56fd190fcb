import type { CallingClient } from '../clients/client-authentication.js';
import type { FormFields } from '../common/form-body.js';
import { OAuthError } from '../common/oauth-error.js';
import { required, singleFields } from '../common/oauth-form.js';
import { parseScope } from '../common/scopes.js';

/** What a request to the token endpoint asks for. */
export type Grant =
  | { grantType: 'password'; username: string; password: string; scopes: string[] }
  | { grantType: 'refresh_token'; refreshToken: string; scopes: string[] }
  | { grantType: 'client_credentials' };

/** A request to the token endpoint, and who sends it. */
export type TokenRequest = Grant & { client: CallingClient | undefined };

const KNOWN = [
  'username',
  'password',
  'grant_type',
  'scope',
  'refresh_token',
  'client_id',
  'client_secret',
] as const;
type Form = Map<(typeof KNOWN)[number], string>;

/** RFC 6749 §3.3: printable ASCII without `"` and `\`, with blanks between. */
const SCOPE_SYNTAX = /^[\x20\x21\x23-\x5B\x5D-\x7E]*$/;

/** @throws OAuthError `invalid_request` that names the field */
export function tokenForm(fields: FormFields): Form {
  return singleFields(fields, KNOWN);
}

/**
 * @param isRefreshable are there refresh tokens at all?
 * @throws OAuthError `invalid_request` that says which field and what to send, `unsupported_grant_type`,
 *   `invalid_scope`
 */
export function parseGrant(form: Form, isRefreshable: boolean): Grant {
  const grantType = form.get('grant_type') ?? '';
  if (grantType === 'client_credentials') return clientCredentialsGrant(form);
  if (grantType === 'refresh_token' && isRefreshable) return refreshGrant(form);
  if (grantType === '' || grantType === 'password') return passwordGrant(form);
  const supported = isRefreshable ? 'password, refresh_token' : 'password';
  throw new OAuthError(
    'unsupported_grant_type',
    `The grant_type must be ${supported} or client_credentials`,
  );
}

/** RFC 6749 §4.3.2. */
function passwordGrant(form: Form): Grant {
  const username = required(form, 'username');
  const password = required(form, 'password');
  if (username.includes('\0')) {
    throw new OAuthError('invalid_request', 'The username must not contain a NUL character');
  }
  return { grantType: 'password', username, password, scopes: requestedScopes(form) };
}

/** RFC 6749 §6. */
function refreshGrant(form: Form): Grant {
  const refreshToken = required(form, 'refresh_token');
  return { grantType: 'refresh_token', refreshToken, scopes: requestedScopes(form) };
}

/** RFC 6749 §4.4.2. Scopes are for what users allow: a client has none of its own. */
function clientCredentialsGrant(form: Form): Grant {
  if (requestedScopes(form).length > 0) {
    throw new OAuthError('invalid_scope', 'There is no scope for the client_credentials grant');
  }
  return { grantType: 'client_credentials' };
}

function requestedScopes(form: Form): string[] {
  const scope = form.get('scope') ?? '';
  if (!SCOPE_SYNTAX.test(scope)) {
    throw new OAuthError(
      'invalid_scope',
      'The scope has characters that RFC 6749 3.3 does not allow',
    );
  }
  return parseScope(scope);
}
