import { ApiProperty } from '@nestjs/swagger';
import { PROFILE } from '../../http/scopes.js';
import type { SessionTokens } from '../../sessions/sessions.service.js';

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

  @ApiProperty({
    type: String,
    required: false,
    description: 'Good once: the next answer has its successor. Absent where refreshing is off',
    example: 'kT3fXo0Zp8cQ1vW6yRb2NwAAAAAO3lJ0mNq4sYh7uE5tGxCiKwPzLd9fVaR2bM1oWnXjUQ',
  })
  refresh_token?: string;

  @ApiProperty({ type: String, required: false, description: 'What was granted', example: PROFILE })
  scope?: string;

  /** Without refresh tokens, exactly the response from before there were sessions. */
  static of({ access, scope, refreshToken }: SessionTokens): TokenResponse {
    return {
      access_token: access.token,
      token_type: 'bearer',
      expires_in: access.expiresIn,
      ...(refreshToken !== undefined && { refresh_token: refreshToken, scope }),
    };
  }
}
