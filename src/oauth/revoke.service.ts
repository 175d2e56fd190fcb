import { Injectable } from '@nestjs/common';
import { Recorder } from '../audit/recorder.js';
import { ClientAuthentication } from '../clients/client-authentication.js';
import { required } from '../http/oauth-form.js';
import type { RequestContext } from '../http/request-context.js';
import { RefreshTokens } from '../sessions/refresh-tokens.js';
import { RevocationsService } from '../sessions/revocations.service.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { AccessTokenService } from '../tokens/access-token.service.js';
import { LONGEST_TOKEN, type TokenParameterForm } from './token-parameter.js';
import { unlessInvalid } from './unless-invalid.js';

/** Ends the session that a token belongs to (RFC 7009). */
@Injectable()
export class RevokeService {
  constructor(
    private readonly clients: ClientAuthentication,
    private readonly tokens: AccessTokenService,
    private readonly refreshTokens: RefreshTokens,
    private readonly sessions: SessionsService,
    private readonly revocations: RevocationsService,
    private readonly recorder: Recorder,
  ) {}

  /**
   * Anyone who holds a token may end its session, and learns nothing: a token that is not latchkey's, or no
   * longer valid, counts as revoked (§2.2).
   * @throws OAuthError `invalid_request`
   * @throws InvalidClient for an incorrect secret
   * @throws DatabaseUnavailable the token may still be valid (§2.2.1)
   */
  async revoke(context: RequestContext, form: TokenParameterForm): Promise<void> {
    const client = await this.clients.identify(context, form);
    const sid = await this.sessionIdOf(required(form, 'token'));
    const session = sid === undefined ? null : await this.sessions.find(sid);
    if (!session) return;
    const entry = this.recorder.recording('session_ended', context, {
      user: session.user,
      reason: 'revoked',
      details: client && { client_id: client.id },
    });
    await this.revocations.end(session.id, 'revoked', entry);
  }

  /**
   * By either kind of token, whatever the hint (§2.1): by a refresh token of any generation, and by an access token
   * also after it has expired, because its session may still be live.
   */
  private async sessionIdOf(token: string): Promise<string | undefined> {
    if (token.length > LONGEST_TOKEN) return undefined;
    const refresh = this.refreshTokens.read(token);
    if (refresh) return refresh.sid;
    return (await unlessInvalid(this.tokens.read(token)))?.sid;
  }
}
