import { OAuthError } from '../http/oauth-error.js';
import { Problem } from '../http/problem.js';

/** RFC 6750's scheme in the challenge, as the tutorial has it. */
const CHALLENGE = { 'WWW-Authenticate': 'Bearer' };

/** One answer for a wrong password and for an unknown user. */
export class IncorrectCredentials extends OAuthError {
  constructor() {
    super('invalid_grant', 'Incorrect username or password', { status: 401, headers: CHALLENGE });
  }
}

/** Told only after the right password. */
export class DisabledUser extends OAuthError {
  constructor() {
    super('invalid_grant', 'Inactive user', { status: 401, headers: CHALLENGE });
  }
}

/** A sign-up that waits for its address to be verified. Told only after the right password. */
export class UnverifiedUser extends OAuthError {
  constructor() {
    super('invalid_grant', 'E-mail address not verified', { status: 401, headers: CHALLENGE });
  }
}

/** No 401: the access token is good, and a new one would not help. */
export class IncorrectPassword extends Problem {
  /** @param field what the password is called in the body */
  constructor(field: string) {
    super({
      status: 403,
      code: 'incorrect_password',
      detail: 'The password is incorrect',
      errors: [{ field, message: 'is incorrect' }],
    });
  }
}
