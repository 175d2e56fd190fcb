import { OAuthError } from '../common/oauth-error.js';

/** RFC 6750's scheme in the challenge, as the tutorial has it. */
const CHALLENGE = { 'WWW-Authenticate': 'Bearer' };

/** One answer for a wrong password and for an unknown user. */
export class IncorrectCredentials extends OAuthError {
  constructor() {
    super('invalid_grant', 'Incorrect username or password', { status: 401, headers: CHALLENGE });
  }
}

/** Only whoever knows the password learns that the user is disabled. */
export class DisabledUser extends OAuthError {
  constructor() {
    super('invalid_grant', 'Inactive user', { status: 401, headers: CHALLENGE });
  }
}

/** A sign-up that waits for its address to be verified; only whoever knows the password learns of it. */
export class UnverifiedUser extends OAuthError {
  constructor() {
    super('invalid_grant', 'E-mail address not verified', { status: 401, headers: CHALLENGE });
  }
}
