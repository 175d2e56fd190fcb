import { Problem } from './problem.js';

/** Refusals of a protected resource, with the challenges of RFC 6750 §3. */
export class BearerProblem extends Problem {
  constructor(
    status: number,
    code: string,
    detail: string,
    challenge = 'Bearer',
    /** For the log, like the username, where a good signature tells it. */
    readonly reason = code,
    readonly username?: string,
  ) {
    super({ status, code, detail, headers: { 'WWW-Authenticate': challenge } });
  }
}

function challenge(error: string, description: string): string {
  return `Bearer error="${error}", error_description="${description}"`;
}

/** No credentials: a challenge without an error code (RFC 6750 §3.1). */
export class NotAuthenticated extends BearerProblem {
  constructor() {
    super(401, 'not_authenticated', 'Not authenticated');
  }
}

export class InvalidBearerToken extends BearerProblem {
  constructor(reason: string, username?: string) {
    const detail = 'Could not validate token';
    super(
      401,
      'invalid_token',
      detail,
      challenge('invalid_token', 'The access token is invalid'),
      reason,
      username,
    );
  }
}

export class ExpiredBearerToken extends BearerProblem {
  constructor(username: string) {
    const detail = 'Token is expired! Hit Authorize to receive a new token';
    super(
      401,
      'invalid_token',
      detail,
      challenge('invalid_token', 'The access token expired'),
      'expired',
      username,
    );
  }
}

export class InactiveUser extends BearerProblem {
  constructor(username: string) {
    const description = 'The user is inactive';
    super(
      401,
      'invalid_token',
      'Inactive user',
      challenge('invalid_token', description),
      'disabled',
      username,
    );
  }
}

/** The user is gone, also since the token was looked at; or someone else has their name now. */
export class TokenUserNotFound extends BearerProblem {
  constructor(username: string) {
    super(404, 'user_not_found', 'User not found in token data', 'Bearer', undefined, username);
  }
}

/** The token is good, but not for this (RFC 6750 §3.1). */
export class InsufficientScope extends BearerProblem {
  constructor(needed: readonly string[], username?: string) {
    const scope = needed.join(' ');
    const detail = `The access token needs the scope ${scope}`;
    super(
      403,
      'insufficient_scope',
      detail,
      `${challenge('insufficient_scope', detail)}, scope="${scope}"`,
      undefined,
      username,
    );
  }
}

/** The token was sent in more than one way (RFC 6750 §3.1). */
class InvalidBearerRequest extends BearerProblem {
  constructor(detail: string) {
    super(400, 'invalid_request', detail, challenge('invalid_request', detail));
  }
}

export class RepeatedAuthorization extends InvalidBearerRequest {
  constructor() {
    super('Send one Authorization header');
  }
}

export class TokenInQuery extends InvalidBearerRequest {
  constructor() {
    super('Send the access token in the Authorization header only');
  }
}
