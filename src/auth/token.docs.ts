import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOkResponse, ApiOperation, ApiProperty } from '@nestjs/swagger';
import { ApiOAuthError } from '../common/api-errors.js';
import { TokenResponse } from './dto/token-response.js';

/** The form of RFC 6749 §4.3.2. */
class PasswordGrantForm {
  @ApiProperty({ type: String, example: 'alex' })
  username!: string;

  @ApiProperty({ type: String, format: 'password', example: 'correct horse' })
  password!: string;

  @ApiProperty({ type: String, required: false, enum: ['password'] })
  grant_type?: string;

  @ApiProperty({ type: String, required: false, example: '' })
  scope?: string;

  @ApiProperty({ type: String, required: false, description: 'Ignored' })
  client_id?: string;

  @ApiProperty({ type: String, required: false, format: 'password', description: 'Ignored' })
  client_secret?: string;
}

/** How the docs page shows `POST /token`. */
export function ApiRequestToken() {
  return applyDecorators(
    ApiOperation({
      operationId: 'requestToken',
      summary: 'Exchange username and password for an access token',
      description:
        'The password grant of RFC 6749 §4.3, for first-party clients only. Usernames and passwords are compared exactly.',
      security: [],
    }),
    ApiConsumes('application/x-www-form-urlencoded', 'multipart/form-data'),
    ApiBody({ type: PasswordGrantForm }),
    ApiOkResponse({
      type: TokenResponse,
      description: 'A token',
      example: { access_token: 'eyJ0eXAiOiJhdCtqd3Qi...', token_type: 'bearer', expires_in: 1800 },
    }),
    ApiOAuthError(400, {
      description: 'The form is not right; the description says which field, and what to send',
      examples: [
        ['invalid_request', 'The field password is required; send it in the form body'],
        ['invalid_request', 'Send username once'],
        ['invalid_request', 'The form is not valid UTF-8'],
        ['unsupported_grant_type', 'The grant_type must be password'],
        ['invalid_scope', 'The scope has characters that RFC 6749 3.3 does not allow'],
      ],
    }),
    ApiOAuthError(401, {
      description: 'Wrong password or unknown user, which look alike; or a disabled user',
      headers: { 'WWW-Authenticate': 'Bearer' },
      examples: [
        ['invalid_grant', 'Incorrect username or password'],
        ['invalid_grant', 'Inactive user'],
      ],
    }),
    ApiOAuthError(405, {
      description: 'Another method',
      headers: { Allow: 'POST' },
      examples: [['invalid_request', 'Method not allowed; use POST']],
    }),
    ApiOAuthError(413, {
      description: 'A body over 64 KiB',
      examples: [['invalid_request', 'The request body is too large']],
    }),
    ApiOAuthError(415, {
      description: 'A Content-Encoding',
      examples: [['invalid_request', 'Send the request without Content-Encoding']],
    }),
    ApiOAuthError(431, {
      description: 'A header section over 8 KiB; for some, Node answers without a body',
      examples: [['invalid_request', 'The header section is too large']],
    }),
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
