import { applyDecorators } from '@nestjs/common';
import { ApiAcceptedResponse, ApiCreatedResponse, ApiOperation } from '@nestjs/swagger';
import { ApiProblem } from '../http/error-answers.docs.js';
import { ApiJsonRefusals, JSON_REFUSALS } from '../http/common-refusals.docs.js';
import { InvalidFields, missingField, unknownField } from '../http/invalid-fields.js';
import { ApiHashingUnavailable } from '../login/login.docs.js';
import { TOO_COMMON } from '../passwords/password-policy.js';
import { Profile } from '../users/dto/profile.js';
import { EmailTaken, UsernameTaken } from '../users/user-errors.js';
import { InvitationRequired, RegistrationClosed, UsernameReserved } from './account-errors.js';
import { MailNotice } from './dto/mail-notice.js';

/** How the docs page shows `POST /users`. */
export function ApiRegister() {
  return applyDecorators(
    ApiOperation({
      operationId: 'register',
      summary: 'Sign up',
      description:
        'Where REGISTRATION is open, or with an invitation. Where EMAIL_VERIFICATION is required the answer is 202, the same whether the address is taken or not, and the account can be used once the link in the mail was followed.',
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
    ApiProblem({
      description: 'The body is invalid; all errors are listed at once',
      examples: [
        ...JSON_REFUSALS,
        new InvalidFields([missingField('username'), missingField('password')]),
        new InvalidFields([unknownField('disabled')]),
        new UsernameReserved(),
        new InvalidFields([{ field: 'password', message: TOO_COMMON }]),
      ],
    }),
    ApiProblem({
      description: 'Not everybody may sign up here',
      examples: [new RegistrationClosed(), new InvitationRequired()],
    }),
    ApiProblem({
      description: 'The name or the address is taken',
      examples: [new UsernameTaken('alex'), new EmailTaken('alex@example.com')],
    }),
    ApiHashingUnavailable(),
    ApiJsonRefusals('POST'),
  );
}
