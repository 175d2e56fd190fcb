import { applyDecorators } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiQuery } from '@nestjs/swagger';
import { ApiUnavailable } from '../database/database.docs.js';
import { ApiBearerRefusals, ApiRefusals } from '../http/common-refusals.docs.js';
import { NotTrueOrFalse, RepeatedParameter, UnknownParameter } from '../http/invalid-parameter.js';
import { USERS_READ } from '../http/scopes.js';
import { NoSuchUser } from './admin-errors.js';
import { AdminUserResponse, UserPageResponse } from './dto/admin-user-response.js';
import {
  InvalidCursor,
  InvalidLimit,
  InvalidPrefix,
  InvalidScopeFilter,
  LARGEST_LIMIT,
  TwoPrefixes,
} from './user-search-errors.js';

export const ALEX = {
  id: 1,
  username: 'alex',
  email: 'alex@example.com',
  email_verified: false,
  full_name: 'Alex Kasai',
  disabled: false,
  pending: false,
  scopes: [],
  created_at: '2030-01-01T00:00:00.000Z',
} satisfies AdminUserResponse;

/** The methods under `/admin/users` and `/admin/users/{id}`. */
export const OF_USERS = ['GET', 'HEAD', 'POST'];
export const OF_USER = ['GET', 'HEAD', 'PATCH', 'DELETE'];

/** How the docs page shows `GET /admin/users`. */
export function ApiListUsers() {
  return applyDecorators(
    ApiOperation({
      operationId: 'listUsers',
      summary: 'List users',
      description:
        'A page of the users, in the order of their ids, or of what a prefix is looked for in. Prefixes compare as names are unique: without regard to case and width. Of users of an adopted database whose names are the same but for that, it finds the oldest.',
    }),
    ApiQuery({
      name: 'limit',
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: LARGEST_LIMIT, default: 50 },
    }),
    ApiQuery({
      name: 'cursor',
      required: false,
      schema: { type: 'string' },
      description: 'The `next_cursor` of the page before',
    }),
    ApiQuery({ name: 'username_prefix', required: false, schema: { type: 'string' } }),
    ApiQuery({ name: 'email_prefix', required: false, schema: { type: 'string' } }),
    ApiQuery({ name: 'disabled', required: false, enum: ['true', 'false'] }),
    ApiQuery({ name: 'scope', required: false, schema: { type: 'string' } }),
    ApiOkResponse({
      type: UserPageResponse,
      description: 'The page',
      example: { users: [ALEX], next_cursor: 'aWQ6MQ' },
    }),
    ApiBearerRefusals({
      scopes: [USERS_READ],
      400: [
        new InvalidLimit(),
        new InvalidCursor(),
        new InvalidPrefix('username_prefix'),
        new InvalidPrefix('email_prefix'),
        new TwoPrefixes(),
        new NotTrueOrFalse('disabled'),
        new RepeatedParameter('disabled'),
        new InvalidScopeFilter(),
        new UnknownParameter('page'),
      ],
    }),
    ApiUnavailable(),
    ApiRefusals(...OF_USERS),
  );
}

/** How the docs page shows `GET /admin/users/{id}`. */
export function ApiReadUser() {
  return applyDecorators(
    ApiOperation({ operationId: 'readUser', summary: 'Read one user' }),
    ApiUserId(),
    ApiOkResponse({ type: AdminUserResponse, description: 'The user', example: ALEX }),
    ApiBearerRefusals({ scopes: [USERS_READ], 404: [new NoSuchUser()] }),
    ApiUnavailable(),
    ApiRefusals(...OF_USER),
  );
}

export function ApiUserId() {
  return ApiParam({ name: 'id', schema: { type: 'integer' }, description: 'As in the list' });
}
