import { STATUS_CODES } from 'node:http';
import { ApiProperty } from '@nestjs/swagger';
import type { Problem } from './problem.js';

export class FieldErrorBody {
  @ApiProperty({ type: String })
  field!: string;

  @ApiProperty({ type: String })
  message!: string;
}

/** RFC 9457, with a stable `code` and the id that the log has too. */
export class ProblemBody {
  @ApiProperty({ type: String, example: 'about:blank' })
  type!: string;

  @ApiProperty({ type: String, example: 'Unauthorized' })
  title!: string;

  @ApiProperty({ type: 'integer', example: 401 })
  status!: number;

  @ApiProperty({ type: String, example: 'Not authenticated' })
  detail!: string;

  @ApiProperty({ type: String, example: 'not_authenticated' })
  code!: string;

  @ApiProperty({ type: String, format: 'uuid' })
  request_id!: string;

  @ApiProperty({ type: [FieldErrorBody], required: false })
  errors?: FieldErrorBody[];

  static of({ status, code, detail, errors }: Problem, requestId: string): ProblemBody {
    const title = STATUS_CODES[status] ?? 'Error';
    return { type: 'about:blank', title, status, detail, code, request_id: requestId, errors };
  }
}

/** RFC 6749 §5.2, plus the tutorial's `detail`. */
export class OAuthErrorBody {
  @ApiProperty({ type: String, example: 'invalid_grant' })
  error!: string;

  @ApiProperty({ type: String, example: 'Incorrect username or password' })
  error_description!: string;

  @ApiProperty({ type: String, example: 'Incorrect username or password' })
  detail!: string;

  /**
   * Every refusal that RFC 6749 has no word of its own for is an `invalid_request`, but for the one that a client has to
   * tell from a faulty request: 429.
   */
  static of({ status, code, detail }: Problem): OAuthErrorBody {
    const isOwnWord = [400, 401, 429, 503].includes(status);
    const error = isOwnWord ? code : status < 500 ? 'invalid_request' : 'server_error';
    return { error, error_description: detail, detail };
  }
}
