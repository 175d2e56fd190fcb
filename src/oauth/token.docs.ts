import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOkResponse, ApiOperation, ApiProperty } from '@nestjs/swagger';
import { ApiOAuthError } from '../http/api-errors.js';
import { ApiFormRefusals, ApiOAuthTooManyAttempts } from '../http/api-refusals.js';
import { TokenResponse } from './dto/token-response.js';

/** The forms of RFC 6749 §4.3.2, §6 and §4.4.2. */
class TokenForm {
  @ApiProperty({
    type: String,
    required: false,
    enum: ['password', 'refresh_token', 'client_credentials'],
    default: 'password',
  })
  grant_type?: string;

  @ApiProperty({ type: String, required: false, description: 'For password', example: 'alex' })
  username?: string;

  @ApiProperty({
    type: String,
    required: false,
    format: 'password',
    description: 'For password',
    example: 'correct horse',
  })
  password?: string;

  @ApiProperty({
    type: String,
    required: false,
    format: 'password',
    description: 'For refresh_token',
  })
  refresh_token?: string;

  @ApiProperty({
    type: String,
    required: false,
    description:
      'All that the user was granted, unless narrowed; what they were not is left out. To refresh: no more than the login',
  })
  scope?: string;

  @ApiProperty({
    type: String,
    required: false,
    description: 'Who asks: a label, or with client_secret a registered client',
  })
  client_id?: string;

  @ApiProperty({
    type: String,
    required: false,
    format: 'password',
    description: 'Must be right where it is sent; HTTP Basic is taken too',
  })
  client_secret?: string;
}

/** How the docs page shows `POST /token`. */
export function ApiRequestToken() {
  return applyDecorators(
    ApiOperation({
      operationId: 'requestToken',
      summary: 'Exchange username and password, or a refresh token, for an access token',
      description:
        'The password grant (RFC 6749 §4.3) is for first-party clients only; usernames and passwords are compared exactly. A refresh token (§6) is good once: the answer has its successor, and used once more shortly after (REFRESH_REUSE_SECONDS) it gives the same one again. Used later, it ends the session. A registered client gets a token of its own with client_credentials (§4.4).',
      security: [],
    }),
    ApiConsumes('application/x-www-form-urlencoded', 'multipart/form-data'),
    ApiBody({ type: TokenForm }),
    ApiOkResponse({
      type: TokenResponse,
      description:
        'A token; with client_credentials, or where refreshing is off, the first three members',
      example: {
        access_token: 'eyJ0eXAiOiJhdCtqd3Qi...',
        token_type: 'bearer',
        expires_in: 1800,
        refresh_token: 'kT3fXo0Zp8cQ1vW6yRb2NwAAAAAN...',
        scope: 'profile',
      },
    }),
    ApiOAuthError(400, {
      description:
        'The form is not right, and the description says what to send; or the refresh token is not good',
      examples: [
        ['invalid_request', 'The field password is required; send it in the form body'],
        ['invalid_request', 'Send username once'],
        ['invalid_request', 'The form is not valid UTF-8'],
        [
          'unsupported_grant_type',
          'The grant_type must be password, refresh_token or client_credentials',
        ],
        ['invalid_grant', 'The refresh token is invalid, expired or revoked'],
        ['invalid_scope', 'The scope is wider than what was granted'],
        ['invalid_scope', 'The scope has characters that RFC 6749 3.3 does not allow'],
      ],
    }),
    ApiOAuthError(401, {
      description:
        'Wrong password or unknown user, which look alike; a disabled user, or one who is still to verify their address; or a client that is not who it says',
      headers: { 'WWW-Authenticate': 'Bearer; for invalid_client, Basic' },
      examples: [
        ['invalid_grant', 'Incorrect username or password'],
        ['invalid_grant', 'Inactive user'],
        ['invalid_grant', 'E-mail address not verified'],
        ['invalid_client', 'Incorrect client credentials'],
        ['invalid_client', 'Client authentication is required'],
      ],
    }),
    ApiFormRefusals(),
    ApiOAuthTooManyAttempts(),
    ApiOAuthError(503, {
      description: 'Too many logins at once, or the database does not answer',
      headers: { 'Retry-After': 'Seconds' },
      examples: [
        ['temporarily_unavailable', 'Too many logins at once; try again'],
        ['temporarily_unavailable', 'The database does not answer; try again'],
      ],
    }),
  );
}
