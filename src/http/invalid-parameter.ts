import { Problem } from './problem.js';

/** A parameter of the query that is not as it must be. */
export class InvalidParameter extends Problem {
  constructor(field: string, message: string) {
    const errors = [{ field, message }];
    super({ status: 400, code: 'invalid_parameter', detail: `${field}: ${message}`, errors });
  }
}

export class UnknownParameter extends InvalidParameter {
  constructor(field: string) {
    super(field, 'unknown parameter');
  }
}

export class RepeatedParameter extends InvalidParameter {
  constructor(field: string) {
    super(field, 'must not be repeated');
  }
}

export class NotTrueOrFalse extends InvalidParameter {
  constructor(field: string) {
    super(field, 'must be true or false');
  }
}
