import { OAuthError } from '../http/oauth-error.js';

export class UnsupportedGrantType extends OAuthError {
  /** @param isRefreshable are there refresh tokens at all? */
  constructor(isRefreshable: boolean) {
    const supported = isRefreshable ? 'password, refresh_token' : 'password';
    const detail = `The grant_type must be ${supported} or client_credentials`;
    super('unsupported_grant_type', detail);
  }
}

export class InvalidScopeSyntax extends OAuthError {
  constructor() {
    super('invalid_scope', 'The scope has characters that RFC 6749 3.3 does not allow');
  }
}

/** Scopes are for what users allow: a client has none of its own. */
export class ScopeOfClient extends OAuthError {
  constructor() {
    super('invalid_scope', 'There is no scope for the client_credentials grant');
  }
}
