import { Problem } from './problem.js';

/** A parameter of the query that is not as it must be. */
export class InvalidParameter extends Problem {
  constructor(field: string, message: string) {
    const errors = [{ field, message }];
    super({ status: 400, code: 'invalid_parameter', detail: `${field}: ${message}`, errors });
  }
}
