import { applyDecorators } from '@nestjs/common';
import {
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
} from '@nestjs/swagger';
import { ApiUnavailable } from '../database/database.docs.js';
import { ApiBearerRefusals, ApiRefusals } from '../http/common-refusals.docs.js';
import { NotTrueOrFalse } from '../http/invalid-parameter.js';
import { SessionResponse } from './dto/session-response.js';
import { SessionNotFound } from './session-errors.js';

const session = {
  id: 'kT3fXo0Zp8cQ1vW6yRb2Nw',
  created_at: '2030-01-01T00:00:00.000Z',
  last_used_at: '2030-01-01T00:00:00.000Z',
  user_agent: 'node',
  ip: '127.0.0.1',
  current: true,
};

/** How the docs page shows `GET /users/me/sessions`. */
export function ApiListSessions() {
  return applyDecorators(
    ApiOperation({
      operationId: 'listSessions',
      summary: 'List your own sessions',
      description: 'The live ones, newest first: where you are logged in. At most 500.',
    }),
    ApiOkResponse({ type: [SessionResponse], description: 'The sessions', example: [session] }),
    ApiBearerRefusals(),
    ApiUnavailable(),
    ApiRefusals('GET', 'HEAD', 'DELETE'),
  );
}

/** How the docs page shows `DELETE /users/me/sessions`. */
export function ApiEndSessions() {
  return applyDecorators(
    ApiOperation({
      operationId: 'endSessions',
      summary: 'Log out everywhere else',
      description:
        'Ends every session of yours but this one; with `current=true` this one too. Their tokens are refused from then on.',
    }),
    ApiQuery({ name: 'current', required: false, enum: ['true', 'false'] }),
    ApiNoContentResponse({ description: 'They have ended' }),
    ApiBearerRefusals({ 400: [new NotTrueOrFalse('current')] }),
    ApiUnavailable(),
    ApiRefusals('GET', 'HEAD', 'DELETE'),
  );
}

/** How the docs page shows `DELETE /users/me/sessions/{id}`. */
export function ApiEndSession() {
  return applyDecorators(
    ApiOperation({
      operationId: 'endSession',
      summary: 'Log out one session',
      description: 'Its tokens are refused from then on.',
    }),
    ApiParam({ name: 'id', description: 'As in the list' }),
    ApiNoContentResponse({ description: 'It has ended' }),
    ApiBearerRefusals({ 404: [new SessionNotFound()] }),
    ApiUnavailable(),
    ApiRefusals('DELETE'),
  );
}
