import { applyDecorators } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ApiTokenForm } from './token-parameter.docs.js';

/** How the docs page shows `POST /revoke`. */
export function ApiRevokeToken() {
  return applyDecorators(
    ApiOperation({
      operationId: 'revokeToken',
      summary: 'End the session of a token',
      description:
        'RFC 7009. Either token, of any generation, ends the session with all its tokens. Anyone who holds the token may; a client secret is optional, but must be correct.',
      security: [{}, { ClientSecretBasic: [] }],
    }),
    ApiOkResponse({ description: 'The token is good no longer, or never was; no body' }),
    ApiTokenForm(),
  );
}
