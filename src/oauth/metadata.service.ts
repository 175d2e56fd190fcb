import { Injectable } from '@nestjs/common';
import { KNOWN_SCOPES } from '../http/scopes.js';
import { HttpSettings, SessionSettings, TokenSettings } from '../config/settings.js';
import type { MetadataResponse } from './dto/metadata-response.js';

/** How a client can authenticate. */
const BY_SECRET = ['client_secret_basic', 'client_secret_post'];

/** What a client needs to know about the service, so that it needs no configuration (RFC 8414). */
@Injectable()
export class MetadataService {
  constructor(
    private readonly tokens: TokenSettings,
    private readonly sessions: SessionSettings,
    private readonly http: HttpSettings,
  ) {}

  describe(): MetadataResponse {
    const { issuer } = this.tokens;
    const at = (path: string) => `${issuer.replace(/\/$/, '')}/${path}`;
    return {
      issuer,
      token_endpoint: at('token'),
      revocation_endpoint: at('revoke'),
      introspection_endpoint: at('introspect'),
      // An additional member, as §2 permits.
      revocation_feed_endpoint: at('revocations'),
      jwks_uri: at('.well-known/jwks.json'),
      ...(this.http.docsEnabled && { service_documentation: at('docs') }),
      scopes_supported: Object.keys(KNOWN_SCOPES),
      response_types_supported: [],
      grant_types_supported: this.grantTypes(),
      token_endpoint_auth_methods_supported: ['none', ...BY_SECRET],
      revocation_endpoint_auth_methods_supported: ['none', ...BY_SECRET],
      introspection_endpoint_auth_methods_supported: BY_SECRET,
    };
  }

  private grantTypes(): string[] {
    const hasRefreshTokens = this.sessions.idleLifetime > 0;
    return ['password', ...(hasRefreshTokens ? ['refresh_token'] : []), 'client_credentials'];
  }
}
