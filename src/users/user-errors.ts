import { Problem, TemporarilyUnavailable } from '../http/problem.js';

export class UserNotFound extends Problem {
  constructor(username: string) {
    super({
      status: 404,
      code: 'user_not_found',
      detail: `There is no user ${JSON.stringify(username)}`,
    });
  }
}

/** Also for a name that could be taken for one there is, and for one that is not free again yet. */
export class UsernameTaken extends Problem {
  constructor(username: string) {
    const detail = `There is a user ${JSON.stringify(username)} already`;
    const errors = [{ field: 'username', message: 'is taken' }];
    super({ status: 409, code: 'username_taken', detail, errors });
  }
}

export class EmailTaken extends Problem {
  constructor(email: string) {
    const detail = `There is a user with the e-mail address ${JSON.stringify(email)} already`;
    const errors = [{ field: 'email', message: 'is taken' }];
    super({ status: 409, code: 'email_taken', detail, errors });
  }
}

/** Others were faster each time; or the row has bytes that are no text, and never matches what was read. */
export class UserKeepsChanging extends TemporarilyUnavailable {
  constructor() {
    super('The user could not be changed; try again', 1);
  }
}

/** The command line may; over HTTP it could not be undone. */
export class LastAdministrator extends Problem {
  constructor() {
    const detail = 'No user who can log in would be left with the scope users:write';
    super({ status: 409, code: 'last_administrator', detail });
  }
}
