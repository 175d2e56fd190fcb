import { applyDecorators, Header, SetMetadata } from '@nestjs/common';

export const IS_OAUTH_ENDPOINT = 'latchkey:oauth-endpoint';

/** Marks a handler whose errors have the body of RFC 6749 §5.2, and whose answers are never stored. */
export const OAuthEndpoint = () =>
  applyDecorators(SetMetadata(IS_OAUTH_ENDPOINT, true), Header('Pragma', 'no-cache'));
