import { applyDecorators } from '@nestjs/common';
import { ApiOAuth2, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ApiGetRefusals, ApiProblem } from '../common/api-errors.js';
import { ProfileResponse } from './dto/profile.js';

const profile = {
  username: 'alex',
  email: 'alex@example.com',
  full_name: 'Alex Kasai',
  disabled: false,
};

const challenge = { 'WWW-Authenticate': 'Bearer, and what is wrong with the token (RFC 6750 §3)' };

/** How the docs page shows `GET /users/me`. */
export function ApiReadProfile() {
  return applyDecorators(
    ApiOperation({
      operationId: 'readProfile',
      summary: 'Read your own profile',
      description: 'Read live from the database for the user whom the access token names.',
    }),
    ApiOAuth2([], 'OAuth2PasswordBearer'),
    ApiOkResponse({
      type: ProfileResponse,
      description: 'The profile',
      example: { 'user data': profile },
    }),
    ApiProblem(400, {
      description: 'The token was sent twice',
      headers: challenge,
      examples: [
        ['invalid_request', 'Send one Authorization header'],
        ['invalid_request', 'Send the access token in the Authorization header only'],
      ],
    }),
    ApiProblem(401, {
      description: 'No token, or not a good one',
      headers: challenge,
      examples: [
        ['not_authenticated', 'Not authenticated'],
        ['invalid_token', 'Could not validate token'],
        ['invalid_token', 'Token is expired! Hit Authorize to receive a new token'],
        ['invalid_token', 'Inactive user'],
      ],
    }),
    ApiProblem(404, {
      description: 'The user is gone',
      headers: challenge,
      examples: [['user_not_found', 'User not found in token data']],
    }),
    ApiGetRefusals(),
    ApiProblem(503, {
      description: 'The database does not answer',
      headers: { 'Retry-After': 'Seconds' },
      examples: [['temporarily_unavailable', 'The database does not answer; try again']],
    }),
  );
}
