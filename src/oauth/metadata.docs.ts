import { applyDecorators } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ApiRefusals } from '../http/common-refusals.docs.js';
import { KNOWN_SCOPES } from '../http/scopes.js';
import { MetadataResponse } from './dto/metadata-response.js';

const AUTH_METHODS = ['none', 'client_secret_basic', 'client_secret_post'];

const metadata: MetadataResponse = {
  issuer: 'http://127.0.0.1:8000',
  token_endpoint: 'http://127.0.0.1:8000/token',
  revocation_endpoint: 'http://127.0.0.1:8000/revoke',
  introspection_endpoint: 'http://127.0.0.1:8000/introspect',
  revocation_feed_endpoint: 'http://127.0.0.1:8000/revocations',
  jwks_uri: 'http://127.0.0.1:8000/.well-known/jwks.json',
  service_documentation: 'http://127.0.0.1:8000/docs',
  scopes_supported: Object.keys(KNOWN_SCOPES),
  response_types_supported: [],
  grant_types_supported: ['password', 'refresh_token', 'client_credentials'],
  token_endpoint_auth_methods_supported: AUTH_METHODS,
  revocation_endpoint_auth_methods_supported: AUTH_METHODS,
  introspection_endpoint_auth_methods_supported: AUTH_METHODS.slice(1),
};

/** How the docs page shows `GET /.well-known/oauth-authorization-server`. */
export function ApiReadMetadata() {
  return applyDecorators(
    ApiOperation({
      operationId: 'readMetadata',
      summary: 'Learn what the service offers, and where',
      description: 'RFC 8414: a client that knows the issuer needs no other configuration.',
      security: [],
    }),
    ApiOkResponse({ type: MetadataResponse, description: 'The metadata', example: metadata }),
    ApiRefusals('GET', 'HEAD'),
  );
}
