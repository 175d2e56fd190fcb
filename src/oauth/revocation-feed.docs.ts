import { applyDecorators } from '@nestjs/common';
import { ApiBasicAuth, ApiOkResponse, ApiOperation, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { ApiOAuthError } from '../http/api-errors.js';
import { ApiOAuthRefusals, ApiOAuthUnavailable } from '../http/api-refusals.js';
import { RevocationList } from './dto/revocation-list.js';

/** How the docs page shows `GET /revocations`. */
export function ApiReadRevocations() {
  return applyDecorators(
    ApiOperation({
      operationId: 'readRevocations',
      summary: 'Follow the sessions that have ended',
      description:
        'For a service that verifies access tokens by itself: refuse those whose `sid` is listed. A session is listed only while a token of it could still be good. With `wait` the answer comes as soon as there is something new, with an empty list at the latest after that many seconds.',
    }),
    ApiBasicAuth('ClientSecretBasic'),
    ApiQuery({
      name: 'since',
      required: false,
      schema: { type: 'string' },
      description: 'The `cursor` of the answer before; without it, the whole list',
    }),
    ApiQuery({
      name: 'wait',
      required: false,
      schema: { type: 'integer', minimum: 0, maximum: 25 },
      description: 'Seconds',
    }),
    ApiOkResponse({
      type: RevocationList,
      description: 'The sessions',
      headers: { ETag: { description: 'For If-None-Match', schema: { type: 'string' } } },
      example: { cursor: '1', revoked: [{ sid: 'kT3fXo0Zp8cQ1vW6yRb2Nw', exp: 1_893_457_800 }] },
    }),
    ApiResponse({ status: 304, description: 'Just what the ETag in If-None-Match stands for' }),
    ApiOAuthError(400, {
      description: 'A parameter is not right',
      examples: [
        ['invalid_request', 'The parameter since must be the cursor of an earlier answer'],
        ['invalid_request', 'The parameter wait must be seconds, at most 25'],
      ],
    }),
    ApiOAuthError(401, {
      description: 'Not a registered client, or not with its secret',
      headers: { 'WWW-Authenticate': 'Basic' },
      examples: [
        ['invalid_client', 'Client authentication is required'],
        ['invalid_client', 'Incorrect client credentials'],
      ],
    }),
    ApiOAuthRefusals('GET', 'HEAD'),
    ApiOAuthUnavailable(),
  );
}
