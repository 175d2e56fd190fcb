import { ApiProperty } from '@nestjs/swagger';

/** RFC 6749 §5.1. */
export class TokenResponse {
  @ApiProperty({ type: String, description: 'A JWT, to be sent as `Authorization: Bearer`' })
  access_token!: string;

  @ApiProperty({ type: String, enum: ['bearer'] })
  token_type!: 'bearer';

  @ApiProperty({ type: 'integer', description: 'Seconds', example: 1800 })
  expires_in!: number;
}
