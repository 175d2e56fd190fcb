import { applyDecorators } from '@nestjs/common';
import { ApiBasicAuth, ApiOkResponse, ApiOperation, ApiQuery, ApiResponse } from '@nestjs/swagger';
import {
  ClientAuthenticationRequired,
  IncorrectClientCredentials,
} from '../clients/client-errors.js';
import { ApiOAuthUnavailable } from '../database/database.docs.js';
import { ApiOAuthError } from '../http/error-answers.docs.js';
import { ApiOAuthRefusals } from '../http/common-refusals.docs.js';
import { RevocationList } from './dto/revocation-list.js';
import { InvalidSince, InvalidWait, LONGEST_WAIT_S } from './revocation-feed-errors.js';

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
      schema: { type: 'integer', minimum: 0, maximum: LONGEST_WAIT_S },
      description: 'Seconds',
    }),
    ApiOkResponse({
      type: RevocationList,
      description: 'The sessions',
      headers: { ETag: { description: 'For If-None-Match', schema: { type: 'string' } } },
      example: { cursor: '1', revoked: [{ sid: 'kT3fXo0Zp8cQ1vW6yRb2Nw', exp: 1_893_457_800 }] },
    }),
    ApiResponse({ status: 304, description: 'Just what the ETag in If-None-Match stands for' }),
    ApiOAuthError({
      description: 'A parameter is invalid',
      examples: [new InvalidSince(), new InvalidWait()],
    }),
    ApiOAuthError({
      description: 'Not a registered client, or not with its secret',
      headers: { 'WWW-Authenticate': 'Basic' },
      examples: [new ClientAuthenticationRequired(), new IncorrectClientCredentials()],
    }),
    ApiOAuthRefusals('GET', 'HEAD'),
    ApiOAuthUnavailable(),
  );
}
