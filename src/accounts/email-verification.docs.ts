import { applyDecorators } from '@nestjs/common';
import { ApiAcceptedResponse, ApiNoContentResponse, ApiOperation } from '@nestjs/swagger';
import { ApiProblem } from '../http/api-errors.js';
import { ApiJsonRefusals, ApiUnavailable, JSON_REFUSALS } from '../http/api-refusals.js';
import { ApiAddressProblem, INVALID_LINK } from './account-examples.js';
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
    ApiProblem(400, {
      description: 'The body is not right, or the link',
      examples: [
        ...JSON_REFUSALS,
        INVALID_LINK,
        ['invalid_fields', 'token: is required', [{ field: 'token', message: 'is required' }]],
      ],
    }),
    ApiProblem(409, {
      description: 'Somebody else has verified it meanwhile',
      examples: [
        [
          'email_taken',
          'There is a user with the e-mail address "alex@example.com" already',
          [{ field: 'email', message: 'is taken' }],
        ],
      ],
    }),
    ApiUnavailable(),
    ApiJsonRefusals('POST'),
  );
}
