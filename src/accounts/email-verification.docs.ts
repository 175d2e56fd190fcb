import { applyDecorators } from '@nestjs/common';
import { ApiAcceptedResponse, ApiNoContentResponse, ApiOperation } from '@nestjs/swagger';
import { ApiUnavailable } from '../database/database.docs.js';
import { ApiProblem } from '../http/error-answers.docs.js';
import { ApiJsonRefusals, JSON_REFUSALS } from '../http/common-refusals.docs.js';
import { InvalidFields, missingField } from '../http/invalid-fields.js';
import { InvalidOneTimeToken } from '../one-time-tokens/one-time-token-errors.js';
import { EmailTaken } from '../users/user-errors.js';
import { ApiAddressProblem } from './accounts.docs.js';
import { MailNotice } from './dto/mail-notice.js';

/** How the docs page shows `POST /email-verification`. */
export function ApiRequestEmailVerification() {
  return applyDecorators(
    ApiOperation({
      operationId: 'requestEmailVerification',
      summary: 'Ask for the link that verifies an address once more',
      description: 'The link is good for 24 hours, once.',
      security: [],
    }),
    ApiAcceptedResponse({
      type: MailNotice,
      description: 'Whether there is an address to be verified or not',
      example: MailNotice.SENT,
    }),
    ApiAddressProblem(),
    ApiUnavailable(),
    ApiJsonRefusals('POST'),
  );
}

/** How the docs page shows `POST /email-verification/confirm`. */
export function ApiConfirmEmailVerification() {
  return applyDecorators(
    ApiOperation({
      operationId: 'confirmEmailVerification',
      summary: 'Show with the token of a link that mail reaches you',
      description: 'Completes a sign-up, or a change of address.',
      security: [],
    }),
    ApiNoContentResponse({ description: 'The address is verified' }),
    ApiProblem({
      description: 'The body or the link is invalid',
      examples: [
        ...JSON_REFUSALS,
        new InvalidOneTimeToken(),
        new InvalidFields([missingField('token')]),
      ],
    }),
    ApiProblem({
      description: 'Another user has verified the address meanwhile',
      examples: [new EmailTaken('alex@example.com')],
    }),
    ApiUnavailable(),
    ApiJsonRefusals('POST'),
  );
}
