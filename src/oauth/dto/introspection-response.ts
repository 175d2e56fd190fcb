import { ApiProperty } from '@nestjs/swagger';

/** RFC 7662 §2.2. For a token that is invalid in any way it contains `active` alone. */
export class IntrospectionResponse {
  @ApiProperty({ type: Boolean, example: true })
  active!: boolean;

  @ApiProperty({ type: String, required: false, description: 'Not of a client’s own token' })
  scope?: string;

  @ApiProperty({
    type: String,
    required: false,
    description: 'What the client called itself at the login, or whose own token it is',
  })
  client_id?: string;

  @ApiProperty({ type: String, required: false, description: 'Not of a client’s own token' })
  username?: string;

  @ApiProperty({
    type: String,
    required: false,
    enum: ['Bearer'],
    description: 'Not of a refresh token',
  })
  token_type?: 'Bearer';

  @ApiProperty({ type: 'integer', required: false, description: 'Seconds since the epoch' })
  exp?: number;

  @ApiProperty({ type: 'integer', required: false, description: 'Seconds since the epoch' })
  iat?: number;

  @ApiProperty({ type: String, required: false })
  sub?: string;

  @ApiProperty({
    oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
    required: false,
  })
  aud?: string | string[];

  @ApiProperty({ type: String, required: false })
  iss?: string;

  @ApiProperty({ type: String, required: false, description: 'Not of a refresh token' })
  jti?: string;

  @ApiProperty({ type: String, required: false, description: 'The session' })
  sid?: string;
}
