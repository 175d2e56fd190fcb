import { applyDecorators } from '@nestjs/common';
import { ApiAcceptedResponse, ApiNoContentResponse, ApiOperation } from '@nestjs/swagger';
import { ApiUnavailable } from '../database/database.docs.js';
import { ApiProblem } from '../http/error-answers.docs.js';
import { ApiJsonRefusals, JSON_REFUSALS } from '../http/common-refusals.docs.js';
import { InvalidFields } from '../http/invalid-fields.js';
import { ApiHashingUnavailable } from '../login/login.docs.js';
import { InvalidOneTimeToken } from '../one-time-tokens/one-time-token-errors.js';
import { tooShort } from '../passwords/password-policy.js';
import { ApiAddressProblem } from './accounts.docs.js';
import { MailNotice } from './dto/mail-notice.js';

/** How the docs page shows `POST /password-reset`. */
export function ApiRequestPasswordReset() {
  return applyDecorators(
    ApiOperation({
      operationId: 'requestPasswordReset',
      summary: 'Ask for a link to set another password',
      description: 'The link is good for 30 minutes, once. An address gets three mails an hour.',
      security: [],
    }),
    ApiAcceptedResponse({
      type: MailNotice,
      description: 'The same whether the address is known or not',
      example: MailNotice.SENT,
    }),
    ApiAddressProblem(),
    ApiUnavailable(),
    ApiJsonRefusals('POST'),
  );
}

/** How the docs page shows `POST /password-reset/confirm`. */
export function ApiConfirmPasswordReset() {
  return applyDecorators(
    ApiOperation({
      operationId: 'confirmPasswordReset',
      summary: 'Set another password with the token of a link',
      description: 'Ends every session of the user, and opens none.',
      security: [],
    }),
    ApiNoContentResponse({ description: 'It is set' }),
    ApiProblem({
      description: 'The body or the link is invalid; a refused password leaves the link valid',
      examples: [
        ...JSON_REFUSALS,
        new InvalidOneTimeToken(),
        new InvalidFields([{ field: 'new_password', message: tooShort(8) }]),
      ],
    }),
    ApiHashingUnavailable(),
    ApiJsonRefusals('POST'),
  );
}
