export interface FieldError {
  field: string;
  message: string;
}

interface ProblemOptions {
  status: number;
  /** Stable snake_case word that a program can act on. */
  code: string;
  /** One sentence for a person. */
  detail: string;
  headers?: Record<string, string>;
  errors?: FieldError[];
  cause?: unknown;
}

/**
 * An error with an answer: everything a feature refuses is one of these, or of its subclasses.
 * `ErrorFilter` writes it as RFC 9457 problem details, or at an OAuth endpoint as RFC 6749 §5.2 has it.
 */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly headers: Record<string, string>;
  readonly errors: FieldError[] | undefined;

  constructor({ status, code, detail, headers = {}, errors, cause }: ProblemOptions) {
    super(detail, { cause });
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.headers = headers;
    this.errors = errors;
  }
}

/** The service can't answer now, and says when to come back. */
export class TemporarilyUnavailable extends Problem {
  /** @param retryAfter seconds */
  constructor(detail: string, retryAfter: number, cause?: unknown) {
    super({
      status: 503,
      code: 'temporarily_unavailable',
      detail,
      headers: { 'Retry-After': String(retryAfter) },
      cause,
    });
  }
}
