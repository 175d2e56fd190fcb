import { Problem } from '../common/problem.js';

export class UserNotFound extends Problem {
  constructor(username: string) {
    super({
      status: 404,
      code: 'user_not_found',
      detail: `There is no user ${JSON.stringify(username)}`,
    });
  }
}

export class UsernameTaken extends Problem {
  constructor(username: string) {
    const detail = `There is a user ${JSON.stringify(username)} already`;
    super({ status: 409, code: 'username_taken', detail });
  }
}

export class EmailTaken extends Problem {
  constructor(email: string) {
    const detail = `There is a user with the e-mail address ${JSON.stringify(email)} already`;
    super({ status: 409, code: 'email_taken', detail });
  }
}

export class InvalidUser extends Problem {
  constructor(field: string, message: string) {
    const errors = [{ field, message }];
    super({ status: 400, code: 'invalid_user', detail: `${field}: ${message}`, errors });
  }
}
