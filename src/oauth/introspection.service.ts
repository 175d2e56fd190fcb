import { Injectable } from '@nestjs/common';
import { ClientAuthentication } from '../clients/client-authentication.js';
import { ClientsService } from '../clients/clients.service.js';
import { Clock } from '../common/clock.js';
import { required } from '../http/oauth-form.js';
import type { RequestContext } from '../http/request-context.js';
import { liveScopes } from '../http/scopes.js';
import { TokenSettings } from '../config/settings.js';
import { type RefreshTokenContent, RefreshTokens } from '../sessions/refresh-tokens.js';
import type { KnownSession } from '../sessions/known-session.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { type AccessTokenClaims, CLOCK_SKEW_S } from '../tokens/check-claims.js';
import { AccessTokenService } from '../tokens/access-token.service.js';
import { CLIENT_PREFIX } from '../users/user-rules.js';
import type { User } from '../users/user.entity.js';
import { UsersService } from '../users/users.service.js';
import type { IntrospectionResponse } from './dto/introspection-response.js';
import { LONGEST_TOKEN, type TokenParameterForm } from './token-parameter.js';
import { unlessInvalid } from './unless-invalid.js';

/** The whole response for an invalid token, whatever the reason (RFC 7662 §2.2). */
const INACTIVE: IntrospectionResponse = { active: false };

/** Tells registered clients whether a token is valid (RFC 7662), and changes nothing. */
@Injectable()
export class IntrospectionService {
  constructor(
    private readonly authentication: ClientAuthentication,
    private readonly clients: ClientsService,
    private readonly tokens: AccessTokenService,
    private readonly refreshTokens: RefreshTokens,
    private readonly sessions: SessionsService,
    private readonly users: UsersService,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws OAuthError `invalid_request`
   * @throws InvalidClient
   * @throws DatabaseUnavailable
   */
  async introspect(
    context: RequestContext,
    form: TokenParameterForm,
  ): Promise<IntrospectionResponse> {
    await this.authentication.require(context, form);
    const token = required(form, 'token');
    if (token.length > LONGEST_TOKEN) return INACTIVE;
    // Either kind is tried, whatever the hint (§2.1).
    const refresh = this.refreshTokens.read(token);
    return refresh ? this.ofRefreshToken(refresh) : this.ofAccessToken(token);
  }

  private async ofAccessToken(token: string): Promise<IntrospectionResponse> {
    const claims = await unlessInvalid(this.tokens.verify(token));
    if (!claims) return INACTIVE;
    const { sub, uid, sid, iss, aud, iat, exp, jti } = claims;
    const owner = uid === undefined ? await this.clientOf(claims) : await this.userOf(claims);
    if (!owner) return INACTIVE;
    return { active: true, ...owner, token_type: 'Bearer', exp, iat, sub, aud, iss, jti, sid };
  }

  /** The client whose own token it is, unless that was deleted, even if another has its id now. */
  private async clientOf({ sub, iat }: AccessTokenClaims) {
    if (!sub.startsWith(CLIENT_PREFIX)) return undefined;
    const client = await this.clients.find(sub.slice(CLIENT_PREFIX.length));
    if (!client || iat + CLOCK_SKEW_S < Math.floor(client.createdAt / 1000)) return undefined;
    return { client_id: client.id };
  }

  /** The user, if the token is still valid: the same check as for `/users/me`. */
  private async userOf({ sub, uid, sid, scope }: AccessTokenClaims) {
    if (sid === undefined) {
      const user = await this.users.findByUsername(sub);
      return user && String(user.id) === uid && !user.disabled
        ? { scope: liveScope(user, scope), username: sub }
        : undefined;
    }
    const session = await this.sessions.find(sid);
    const user = session && liveUserOf(session);
    if (!session || user?.username !== sub || String(user.id) !== uid) return undefined;
    const client_id = await this.clientIdOf(session);
    return { scope: liveScope(user, scope), client_id, username: sub };
  }

  /** A label is no proof: a registered client's id that came without its secret is not returned. */
  private async clientIdOf({
    clientId,
    clientAuthenticated,
  }: KnownSession): Promise<string | undefined> {
    if (clientId === null) return undefined;
    const isKnown = clientAuthenticated || !(await this.clients.find(clientId));
    return isKnown ? clientId : undefined;
  }

  private async ofRefreshToken(content: RefreshTokenContent): Promise<IntrospectionResponse> {
    const { sid, counter } = content;
    const session = await this.sessions.find(sid);
    const user = session && liveUserOf(session);
    const username = user?.username;
    if (!session || !username || session.refreshCounter !== counter) return INACTIVE;
    const end = this.sessions.refreshableUntil(session);
    if (end <= this.clock.now()) return INACTIVE;
    const { issuer } = this.settings;
    return {
      active: true,
      scope: liveScope(user, session.scope),
      client_id: await this.clientIdOf(session),
      username,
      exp: Math.floor(end / 1000),
      iat: Math.floor((session.rotatedAt ?? session.createdAt) / 1000),
      sub: username,
      // Its only audience is latchkey.
      aud: issuer,
      iss: issuer,
      sid,
    };
  }
}

/** The scope of a user's token now, words separated by spaces. */
function liveScope({ scopes }: Pick<User, 'scopes'>, scope: string | null | undefined): string {
  return liveScopes(scopes, scope).join(' ');
}

/** The user of a session that was not ended, unless the user is disabled. */
function liveUserOf({ revokedAt, user }: KnownSession) {
  return revokedAt === null && user && !user.disabled ? user : undefined;
}
