import { applyDecorators } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ApiRefusals } from '../http/common-refusals.docs.js';
import { JwksResponse } from './dto/jwks.js';

const key = {
  kty: 'EC',
  kid: 'cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s',
  use: 'sig',
  alg: 'ES256',
  crv: 'P-256',
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
};

/** How the docs page shows `GET /.well-known/jwks.json`. */
export function ApiReadKeys() {
  return applyDecorators(
    ApiOperation({
      operationId: 'readKeys',
      summary: 'Read the public keys that access tokens are verified with',
      description:
        'The keys in use, the next ones and those just retired (RFC 7517). Empty with HS256, HS384 and HS512: their key is secret.',
      security: [],
    }),
    ApiOkResponse({
      type: JwksResponse,
      description: 'The keys',
      headers: { 'Cache-Control': { description: 'max-age=300', schema: { type: 'string' } } },
      example: { keys: [key] },
    }),
    ApiRefusals('GET', 'HEAD'),
  );
}
