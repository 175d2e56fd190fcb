import { Problem } from '../http/problem.js';

export class NoSuchUser extends Problem {
  constructor() {
    super({ status: 404, code: 'user_not_found', detail: 'There is no such user' });
  }
}

/** Scopes that administrators lack they can neither grant nor take away, nor gain through a user who has them. */
export class BeyondOwnScopes extends Problem {
  constructor() {
    const detail = 'That takes a scope that your own token does not have';
    super({ status: 403, code: 'beyond_own_scopes', detail });
  }
}

export class NoEmail extends Problem {
  constructor() {
    const detail = 'The user has no e-mail address that it could be sent to';
    super({ status: 409, code: 'no_email', detail });
  }
}
