import { OAuthError } from '../http/oauth-error.js';
import { Problem } from '../http/problem.js';

/** One answer for whatever is wrong with a refresh token; what it is, is for the log. */
export class InvalidRefreshToken extends OAuthError {
  constructor(
    readonly reason:
      'malformed' | 'unknown' | 'revoked' | 'expired' | 'other_client' | 'disabled' | 'reuse',
    readonly username?: string,
  ) {
    super('invalid_grant', 'The refresh token is invalid, expired or revoked');
  }
}

/** RFC 6749 §6: the scope may be narrowed, and never widened. */
export class WiderScope extends OAuthError {
  constructor(readonly username: string) {
    super('invalid_scope', 'The scope is wider than what was granted');
  }
}

/** One answer for a session that has ended and for another user's. */
export class SessionNotFound extends Problem {
  constructor() {
    super({ status: 404, code: 'session_not_found', detail: 'You have no such session' });
  }
}
