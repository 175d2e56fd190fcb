import { InvalidRequest } from './oauth-error.js';

export class FormNotUtf8 extends InvalidRequest {
  constructor() {
    super('The form is not valid UTF-8');
  }
}

/** A field that is not there, or empty, which is the same (RFC 6749 §3.2). */
export class MissingField extends InvalidRequest {
  constructor(field: string) {
    super(`The field ${field} is required; send it in the form body`);
  }
}

/** RFC 6749 §3.2. */
export class RepeatedField extends InvalidRequest {
  constructor(field: string) {
    super(`Send ${field} once`);
  }
}
