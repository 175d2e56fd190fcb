import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { productVersion } from '../common/version.js';
import { KNOWN_SCOPES } from '../http/scopes.js';

/** The description of the service in `/openapi.json`, the docs page and the repository's openapi.json. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('latchkey')
    .setDescription(
      'Username and password in, token out, profile behind it; and what services need to trust those tokens.',
    )
    .setVersion(productVersion())
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addTag('auth', 'Logging in')
    .addTag('users', 'Your own profile')
    .addTag('accounts', 'Signing up, and your own account')
    .addTag('sessions', 'Where you are logged in')
    .addTag('admin', 'Managing the users')
    .addTag('services', 'For services that trust the tokens')
    .addTag('health', 'For operators and load balancers')
    // Relative to where the document is, so that both work behind a path prefix.
    .addServer('.', 'This service')
    .addOAuth2(
      { type: 'oauth2', flows: { password: { tokenUrl: 'token', scopes: { ...KNOWN_SCOPES } } } },
      'OAuth2PasswordBearer',
    )
    .addBasicAuth(
      { type: 'http', scheme: 'basic', description: 'client_id and client_secret' },
      'ClientSecretBasic',
    )
    .build();
  return SwaggerModule.createDocument(app, config);
}
