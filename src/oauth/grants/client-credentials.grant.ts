import { Injectable } from '@nestjs/common';
import { Recorder } from '../../audit/recorder.js';
import { type CallingClient, ClientAuthentication } from '../../clients/client-authentication.js';
import { OAuthError } from '../../http/oauth-error.js';
import type { RequestContext } from '../../http/request-context.js';
import { AccessTokenService } from '../../tokens/access-token.service.js';
import { CLIENT_PREFIX } from '../../users/user-rules.js';
import type { TokenResponse } from '../dto/token-response.js';

export interface ClientCredentialsFields {
  grantType: 'client_credentials';
}

/**
 * RFC 6749 §4.4.2. Scopes are granted to users: a client has none of its own.
 * @throws OAuthError `invalid_scope`
 */
export function readClientCredentials(scopes: readonly string[]): ClientCredentialsFields {
  if (scopes.length > 0) {
    throw new OAuthError('invalid_scope', 'There is no scope for the client_credentials grant');
  }
  return { grantType: 'client_credentials' };
}

/** A token for the client itself (RFC 6749 §4.4). */
@Injectable()
export class ClientCredentialsGrant {
  constructor(
    private readonly clients: ClientAuthentication,
    private readonly tokens: AccessTokenService,
    private readonly recorder: Recorder,
  ) {}

  /** @throws InvalidClient */
  async answer(
    context: RequestContext,
    { client }: { client: CallingClient | undefined },
  ): Promise<TokenResponse> {
    const { id } = await this.clients.authenticated(context, client);
    const { token, expiresIn } = this.tokens.sign({ sub: `${CLIENT_PREFIX}${id}` });
    await this.recorder.record('client_granted', context, { client: id });
    return { access_token: token, token_type: 'bearer', expires_in: expiresIn };
  }
}
