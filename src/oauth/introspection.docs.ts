import { applyDecorators } from '@nestjs/common';
import { ApiBasicAuth, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ClientAuthenticationRequired } from '../clients/client-errors.js';
import { IntrospectionResponse } from './dto/introspection-response.js';
import { ApiTokenForm } from './token-parameter.docs.js';

const active: IntrospectionResponse = {
  active: true,
  scope: 'profile',
  client_id: 'web',
  username: 'alex',
  token_type: 'Bearer',
  exp: 1893457800,
  iat: 1893456000,
  sub: 'alex',
  aud: 'http://127.0.0.1:8000',
  iss: 'http://127.0.0.1:8000',
  jti: '3f0c9d0e-8f0b-4a51-9a0c-6d5f0c1e2b7a',
  sid: 'kT3fXo0Zp8cQ1vW6yRb2Nw',
};

/** How the docs page shows `POST /introspect`. */
export function ApiIntrospectToken() {
  return applyDecorators(
    ApiOperation({
      operationId: 'introspectToken',
      summary: 'Ask whether a token is good',
      description:
        'RFC 7662, for registered clients. Of a token that is dead in any way the answer is `{"active": false}` alone. Asking changes nothing.',
    }),
    ApiBasicAuth('ClientSecretBasic'),
    ApiOkResponse({ type: IntrospectionResponse, description: 'What it says', example: active }),
    ApiTokenForm(new ClientAuthenticationRequired()),
  );
}
