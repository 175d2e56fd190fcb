import { applyDecorators } from '@nestjs/common';
import { ApiAcceptedResponse, ApiCreatedResponse, ApiOperation } from '@nestjs/swagger';
import { ApiProblem } from '../http/api-errors.js';
import { ApiHashingUnavailable, ApiJsonRefusals, JSON_REFUSALS } from '../http/api-refusals.js';
import { Profile } from '../users/dto/profile.js';
import { MailNotice } from './dto/mail-notice.js';

/** How the docs page shows `POST /users`. */
export function ApiRegister() {
  return applyDecorators(
    ApiOperation({
      operationId: 'register',
      summary: 'Sign up',
      description:
        'Where REGISTRATION is open, or with an invitation. Where EMAIL_VERIFICATION is required the answer is 202, the same whether somebody has the address already or not, and the account can be used once the link in the mail was followed.',
      security: [],
    }),
    ApiCreatedResponse({
      type: Profile,
      description: 'The profile',
      example: {
        username: 'kim',
        email: 'kim@example.com',
        full_name: 'Kim Doe',
        disabled: false,
      },
    }),
    ApiAcceptedResponse({
      type: MailNotice,
      description: 'The address has to be verified first',
      examples: { 'It has to be verified': { summary: '', value: MailNotice.SENT } },
    }),
    ApiProblem(400, {
      description: 'The body is not right; all that is wrong is named at once',
      examples: [
        ...JSON_REFUSALS,
        [
          'invalid_fields',
          'username: is required; password: is required',
          [
            { field: 'username', message: 'is required' },
            { field: 'password', message: 'is required' },
          ],
        ],
        [
          'invalid_fields',
          'disabled: unknown field',
          [{ field: 'disabled', message: 'unknown field' }],
        ],
        [
          'invalid_fields',
          'username: is reserved',
          [{ field: 'username', message: 'is reserved' }],
        ],
        [
          'invalid_fields',
          'password: is one of the most common passwords',
          [{ field: 'password', message: 'is one of the most common passwords' }],
        ],
      ],
    }),
    ApiProblem(403, {
      description: 'Not everybody may sign up here',
      examples: [
        ['registration_closed', 'Nobody can sign up here; ask for an account'],
        [
          'invitation_required',
          'Signing up needs an invitation that has not been used',
          [{ field: 'invitation', message: 'is not good' }],
        ],
      ],
    }),
    ApiProblem(409, {
      description: 'Somebody else has the name, or the address',
      examples: [
        [
          'username_taken',
          'There is a user "alex" already',
          [{ field: 'username', message: 'is taken' }],
        ],
        [
          'email_taken',
          'There is a user with the e-mail address "alex@example.com" already',
          [{ field: 'email', message: 'is taken' }],
        ],
      ],
    }),
    ApiHashingUnavailable(),
    ApiJsonRefusals('POST'),
  );
}
