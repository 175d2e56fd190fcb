import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOkResponse, ApiOperation, ApiProperty } from '@nestjs/swagger';
import {
  ClientAuthenticationRequired,
  IncorrectClientCredentials,
} from '../clients/client-errors.js';
import { ApiOAuthError } from '../http/error-answers.docs.js';
import { ApiFormRefusals } from '../http/common-refusals.docs.js';
import { FormNotUtf8, MissingField, RepeatedField } from '../http/form-errors.js';
import { DisabledUser, IncorrectCredentials, UnverifiedUser } from '../login/login-errors.js';
import { ApiOAuthHashingUnavailable, ApiOAuthTooManyAttempts } from '../login/login.docs.js';
import { InvalidRefreshToken, WiderScope } from '../sessions/session-errors.js';
import { TokenResponse } from './dto/token-response.js';
import { InvalidScopeSyntax, UnsupportedGrantType } from './token-request-errors.js';

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
    ApiOAuthError({
      description:
        'The form is invalid, and the description says what to send; or the refresh token is invalid',
      examples: [
        new MissingField('password'),
        new RepeatedField('username'),
        new FormNotUtf8(),
        new UnsupportedGrantType(true),
        new InvalidRefreshToken('unknown'),
        new WiderScope('alex'),
        new InvalidScopeSyntax(),
      ],
    }),
    ApiOAuthError({
      description:
        'Wrong password or unknown user, which look alike; a disabled user, or one who is still to verify their address; or a client that is not who it says',
      headers: { 'WWW-Authenticate': 'Bearer; for invalid_client, Basic' },
      examples: [
        new IncorrectCredentials(),
        new DisabledUser(),
        new UnverifiedUser(),
        new IncorrectClientCredentials(),
        new ClientAuthenticationRequired(),
      ],
    }),
    ApiFormRefusals(),
    ApiOAuthTooManyAttempts(),
    ApiOAuthHashingUnavailable(),
  );
}
