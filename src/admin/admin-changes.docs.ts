import { applyDecorators } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
} from '@nestjs/swagger';
import { ApiUnavailable } from '../database/database.docs.js';
import { ApiProblem } from '../http/error-answers.docs.js';
import {
  ApiBearerRefusals,
  ApiJsonRefusals,
  ApiRefusals,
  JSON_REFUSALS,
} from '../http/common-refusals.docs.js';
import { InvalidFields, unknownField } from '../http/invalid-fields.js';
import { USERS_WRITE } from '../http/scopes.js';
import { EmailTaken, LastAdministrator, UsernameTaken } from '../users/user-errors.js';
import { BeyondOwnScopes, NoEmail, NoSuchUser } from './admin-errors.js';
import { ALEX, ApiUserId, OF_USER, OF_USERS } from './admin-users.docs.js';
import { AdminUserResponse } from './dto/admin-user-response.js';
import { InvitationResponse } from './dto/invitation-response.js';

export const NEW_USER = {
  username: 'mary',
  email: 'mary@example.com',
  full_name: 'Mary Stone',
  scopes: ['users:read'],
};

export const USER_CHANGE = { full_name: 'Alex K.', disabled: false };

const UNKNOWN_FIELD = new InvalidFields([unknownField('password')]);

const refusalsOfUser = {
  scopes: [USERS_WRITE],
  403: [new BeyondOwnScopes()],
  404: [new NoSuchUser()],
};

/** How the docs page shows `POST /admin/users`. */
export function ApiCreateUser() {
  return applyDecorators(
    ApiOperation({
      operationId: 'createUser',
      summary: 'Make a user',
      description:
        'The user is mailed a link to set a password, and cannot log in before. No scope beyond your own can be given.',
    }),
    ApiCreatedResponse({
      type: AdminUserResponse,
      description: 'The user',
      example: { ...ALEX, id: 3, ...NEW_USER },
    }),
    ApiBearerRefusals({
      scopes: [USERS_WRITE],
      400: [...JSON_REFUSALS, UNKNOWN_FIELD],
      403: [new BeyondOwnScopes()],
    }),
    ApiUnavailable(),
    ApiProblem({
      description: 'The name, or the address, is taken, or the name was until lately',
      examples: [new UsernameTaken('alex'), new EmailTaken('dora@example.com')],
    }),
    ApiJsonRefusals(...OF_USERS),
  );
}

/** How the docs page shows `PATCH /admin/users/{id}`. */
export function ApiChangeUser() {
  return applyDecorators(
    ApiOperation({
      operationId: 'changeUser',
      summary: 'Change a user',
      description:
        'A new address has to be verified, and the old one is notified. A user who is disabled is logged out everywhere. `scopes` are those that the user has then; one beyond your own can neither be given nor taken. Null takes the full name away.',
    }),
    ApiUserId(),
    ApiOkResponse({
      type: AdminUserResponse,
      description: 'The user',
      example: { ...ALEX, ...USER_CHANGE },
    }),
    ApiBearerRefusals({ ...refusalsOfUser, 400: [...JSON_REFUSALS, UNKNOWN_FIELD] }),
    ApiUnavailable(),
    ApiProblem({
      description: 'The address is taken, or no user would be left who can manage users',
      examples: [new EmailTaken('dora@example.com'), new LastAdministrator()],
    }),
    ApiJsonRefusals(...OF_USER),
  );
}

/** How the docs page shows `DELETE /admin/users/{id}`. */
export function ApiDeleteUser() {
  return applyDecorators(
    ApiOperation({
      operationId: 'deleteUser',
      summary: 'Delete a user for good',
      description:
        'With their sessions. The name is not given out again while a token of it could live.',
    }),
    ApiUserId(),
    ApiNoContentResponse({ description: 'The user is gone' }),
    ApiBearerRefusals(refusalsOfUser),
    ApiUnavailable(),
    ApiProblem({
      description: 'No user would be left who can manage users',
      examples: [new LastAdministrator()],
    }),
    ApiRefusals(...OF_USER),
  );
}

/** How the docs page shows `DELETE /admin/users/{id}/sessions`. */
export function ApiEndUserSessions() {
  return applyDecorators(
    ApiOperation({
      operationId: 'endUserSessions',
      summary: 'Log a user out everywhere',
      description: 'Their tokens are refused from then on.',
    }),
    ApiUserId(),
    ApiNoContentResponse({ description: 'They have ended' }),
    ApiBearerRefusals(refusalsOfUser),
    ApiUnavailable(),
    ApiRefusals('DELETE'),
  );
}

/** How the docs page shows `POST /admin/users/{id}/password-reset`. */
export function ApiSendReset() {
  return applyDecorators(
    ApiOperation({
      operationId: 'sendPasswordReset',
      summary: 'Mail a user a link to set another password',
      description: 'Until they do, the password stays as it is.',
    }),
    ApiUserId(),
    ApiAcceptedResponse({ description: 'It will be sent' }),
    ApiBearerRefusals(refusalsOfUser),
    ApiUnavailable(),
    ApiProblem({
      description: 'There is no address',
      examples: [new NoEmail()],
    }),
    ApiRefusals('POST'),
  );
}

/** How the docs page shows `POST /admin/invitations`. */
export function ApiInvite() {
  return applyDecorators(
    ApiOperation({
      operationId: 'invite',
      summary: 'Make an invitation to sign up',
      description: 'For one person, where REGISTRATION is invite. It is shown this once.',
    }),
    ApiCreatedResponse({
      type: InvitationResponse,
      description: 'The invitation',
      example: {
        invitation: 'vWJ0O2nKq8mX4rT6yB1cE3fH5jL7pS9uZaGdIkMwQoY',
        expires_at: '2030-01-08T00:00:00.000Z',
      },
    }),
    ApiBearerRefusals({ scopes: [USERS_WRITE] }),
    ApiUnavailable(),
    ApiRefusals('POST'),
  );
}
