import { Problem, TemporarilyUnavailable } from './problem.js';

export class UnknownPath extends Problem {
  constructor() {
    super({ status: 404, code: 'not_found', detail: 'Not Found' });
  }
}

/** The path is there, and not for this method (RFC 9110 §15.5.6). */
export class MethodNotAllowed extends Problem {
  constructor(allowed: readonly string[]) {
    super({
      status: 405,
      code: 'method_not_allowed',
      detail: `Method not allowed; use ${allowed.join(' or ')}`,
      headers: { Allow: allowed.join(', ') },
    });
  }
}

export class ContentTooLarge extends Problem {
  constructor() {
    super({ status: 413, code: 'content_too_large', detail: 'The request body is too large' });
  }
}

export class EncodedContent extends Problem {
  constructor() {
    const detail = 'Send the request without Content-Encoding';
    super({ status: 415, code: 'unsupported_media_type', detail });
  }
}

/** The Content-Type is not JSON; the body was not read. */
export class NotCalledJson extends Problem {
  constructor() {
    const detail = 'Send the body as application/json, in UTF-8';
    super({ status: 415, code: 'unsupported_media_type', detail });
  }
}

export class HeaderFieldsTooLarge extends Problem {
  constructor() {
    const detail = 'The header section is too large';
    super({ status: 431, code: 'header_fields_too_large', detail });
  }
}

const JSON_FAULTS = {
  encoding: 'The body is not valid UTF-8',
  syntax: 'The body is not valid JSON',
  type: 'The body must be a JSON object',
};

export class InvalidJson extends Problem {
  constructor(fault: keyof typeof JSON_FAULTS) {
    super({ status: 400, code: 'invalid_json', detail: JSON_FAULTS[fault] });
  }
}

/** Express or its body parser could not read it. */
export class UnreadableRequest extends Problem {
  /** @param status 400 to 499 */
  constructor(status: number) {
    super({ status, code: 'bad_request', detail: 'The request could not be read' });
  }
}

export class InternalError extends Problem {
  constructor(cause: unknown) {
    super({ status: 500, code: 'internal_error', detail: 'Internal error', cause });
  }
}

/** The service is starting, or shutting down. */
export class NotReady extends TemporarilyUnavailable {
  constructor(cause?: unknown) {
    super('The service is not ready', 2, cause);
  }
}
