import { applyDecorators } from '@nestjs/common';
import {
  ApiAcceptedResponse,
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
import { InvalidFields, missingField, unknownField } from '../http/invalid-fields.js';
import { IncorrectPassword } from '../login/login-errors.js';
import { ApiHashingUnavailable, ApiTooManyAttempts } from '../login/login.docs.js';
import { ProfileResponse } from '../users/dto/profile.js';
import { LastAdministrator } from '../users/user-errors.js';
import { AccountExport } from './dto/account-export.js';
import { MailNotice } from './dto/mail-notice.js';

const OWN_PATH = ['GET', 'HEAD', 'PATCH', 'DELETE'];

const profile = {
  username: 'alex',
  email: 'alex@example.com',
  full_name: 'Alex Kasai',
  disabled: false,
};

const time = '2030-01-01T00:00:00.000Z';

const exported: AccountExport = {
  id: 4,
  username: 'sam',
  email: 'sam@example.com',
  email_verified_at: null,
  full_name: 'Sam Reed',
  disabled: false,
  scopes: [],
  has_password: true,
  created_at: time,
  sessions: [
    {
      id: 'kT3fXo0Zp8cQ1vW6yRb2Nw',
      created_at: time,
      last_used_at: time,
      rotated_at: null,
      tokens_expire_at: '2030-01-01T00:30:00.000Z',
      expires_at: '2030-01-31T00:00:00.000Z',
      revoked_at: null,
      revoked_reason: null,
      user_agent: 'node',
      ip: '127.0.0.1',
      client_id: null,
      client_authenticated: false,
      scope: 'profile',
      refreshes: 0,
    },
  ],
  links: [],
  mails: [],
  events: [
    {
      time,
      event: 'login_succeeded',
      outcome: 'success',
      by_user: true,
      about_user: true,
      ip: '127.0.0.1',
      request_id: '742e0651-5191-4034-afb2-643824abab83',
      reason: null,
      details: {},
    },
    {
      time,
      event: 'user_created',
      outcome: 'success',
      by_user: false,
      about_user: true,
      ip: null,
      request_id: null,
      reason: null,
      details: { disabled: false },
    },
  ],
  mailed_at: [],
};

const missing = (field: string) => new InvalidFields([missingField(field)]);

/** Documents that the password in the body is not the user's, and that too many were not. */
const ApiIncorrectPassword = (field: string) =>
  applyDecorators(
    ApiProblem({
      description: 'The password is incorrect; the access token is valid',
      examples: [new IncorrectPassword(field)],
    }),
    ApiTooManyAttempts(),
  );

/** How the docs page shows `PATCH /users/me`. */
export function ApiChangeProfile() {
  return applyDecorators(
    ApiOperation({
      operationId: 'changeProfile',
      summary: 'Change your profile',
      description: 'A full_name of null takes it away. The username stays as it is.',
    }),
    ApiOkResponse({
      type: ProfileResponse,
      description: 'The profile as it is now',
      example: { 'user data': profile },
    }),
    ApiBearerRefusals({
      400: [...JSON_REFUSALS, new InvalidFields([unknownField('username')])],
    }),
    ApiUnavailable(),
    ApiJsonRefusals(...OWN_PATH),
  );
}

/** How the docs page shows `POST /users/me/password`. */
export function ApiChangePassword() {
  return applyDecorators(
    ApiOperation({
      operationId: 'changePassword',
      summary: 'Change your password',
      description: 'Ends every other session of yours, and tells you by mail.',
    }),
    ApiNoContentResponse({ description: 'It is changed' }),
    ApiBearerRefusals({ 400: [...JSON_REFUSALS, missing('new_password')] }),
    ApiIncorrectPassword('current_password'),
    ApiHashingUnavailable(),
    ApiJsonRefusals('POST'),
  );
}

/** How the docs page shows `POST /users/me/email`. */
export function ApiChangeEmail() {
  return applyDecorators(
    ApiOperation({
      operationId: 'changeEmail',
      summary: 'Change your e-mail address',
      description:
        'Takes effect once the link in the mail to the new address is followed. The old address is notified.',
    }),
    ApiAcceptedResponse({
      type: MailNotice,
      description: 'The same whether the address is taken or not',
      example: MailNotice.SENT,
    }),
    ApiBearerRefusals({ 400: [...JSON_REFUSALS, missing('email')] }),
    ApiIncorrectPassword('password'),
    ApiHashingUnavailable(),
    ApiJsonRefusals('POST'),
  );
}

/** How the docs page shows `GET /users/me/export`. */
export function ApiExportAccount() {
  return applyDecorators(
    ApiOperation({
      operationId: 'exportAccount',
      summary: 'Take everything that is stored about you',
      description: 'Without anything that could be used to log in: hashes are left out.',
    }),
    ApiOkResponse({ type: AccountExport, description: 'All of it', example: exported }),
    ApiBearerRefusals(),
    ApiUnavailable(),
    ApiRefusals('GET', 'HEAD'),
  );
}

/** How the docs page shows `DELETE /users/me`. */
export function ApiDeleteAccount() {
  return applyDecorators(
    ApiOperation({
      operationId: 'deleteAccount',
      summary: 'Delete your account',
      description:
        'With its sessions, for good. The name is not given out again while a token of yours could live.',
    }),
    ApiNoContentResponse({ description: 'It is gone' }),
    ApiBearerRefusals({ 400: [...JSON_REFUSALS, missing('password')] }),
    ApiIncorrectPassword('password'),
    ApiProblem({
      description: 'No user would be left who can manage users',
      examples: [new LastAdministrator()],
    }),
    ApiHashingUnavailable(),
    ApiJsonRefusals(...OWN_PATH),
  );
}
