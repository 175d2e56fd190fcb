import { Problem } from '../http/problem.js';

/** One answer for a token that never was, was used, was superseded, or is too old. */
export class InvalidOneTimeToken extends Problem {
  constructor() {
    super({
      status: 400,
      code: 'invalid_one_time_token',
      detail: 'The link is invalid: it was used, has expired, or there is a newer one',
      errors: [{ field: 'token', message: 'is invalid' }],
    });
  }
}
