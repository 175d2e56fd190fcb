import { Problem } from './problem.js';

/** The error words of RFC 6749 §5.2 that latchkey uses. */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unsupported_grant_type'
  | 'invalid_scope';

/** A refusal at an OAuth endpoint (RFC 6749 §5.2). Descriptions are printable ASCII without `"` and `\`. */
export class OAuthError extends Problem {
  constructor(
    code: OAuthErrorCode,
    detail: string,
    { status = 400, headers }: { status?: number; headers?: Record<string, string> } = {},
  ) {
    super({ status, code, detail, headers });
  }
}

/** The request lacks something, has something twice, or is otherwise not as it must be (RFC 6749 §5.2). */
export class InvalidRequest extends OAuthError {
  constructor(detail: string) {
    super('invalid_request', detail);
  }
}
