import { ApiProperty } from '@nestjs/swagger';

/** RFC 6749 §5.1. */
export class TokenResponse {
  @ApiProperty({
    type: String,
    description: 'A JWT, to be sent as `Authorization: Bearer`',
    example: 'eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGV4In0.c2lnbmF0dXJl',
  })
  access_token!: string;

  @ApiProperty({ type: String, enum: ['bearer'], example: 'bearer' })
  token_type!: 'bearer';

  @ApiProperty({ type: 'integer', description: 'Seconds', example: 1800 })
  expires_in!: number;
}
