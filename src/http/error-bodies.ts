import { ApiProperty } from '@nestjs/swagger';

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
}

/** RFC 6749 §5.2, plus the tutorial's `detail`. */
export class OAuthErrorBody {
  @ApiProperty({ type: String, example: 'invalid_grant' })
  error!: string;

  @ApiProperty({ type: String, example: 'Incorrect username or password' })
  error_description!: string;

  @ApiProperty({ type: String, example: 'Incorrect username or password' })
  detail!: string;
}
