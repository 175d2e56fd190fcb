import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { AuditTrail } from '../audit/audit-trail.service.js';
import { type CallingClient, ClientAuthentication } from '../clients/client-authentication.js';
import { TemporarilyUnavailable } from '../common/problem.js';
import { SecurityLog } from '../common/security-log.js';
import { RotationService } from '../sessions/rotation.service.js';
import { InvalidRefreshToken, WiderScope } from '../sessions/session-errors.js';
import { type SessionTokens, SessionsService } from '../sessions/sessions.service.js';
import { AccessTokenService } from '../tokens/access-token.service.js';
import type { Account } from '../users/account.js';
import { CLIENT_PREFIX } from '../users/user-rules.js';
import { IncorrectCredentials } from './auth-errors.js';
import { AuthService } from './auth.service.js';
import { TokenResponse } from './dto/token-response.js';
import type { TokenRequest } from './token-request.js';

type PasswordGrant = TokenRequest & { grantType: 'password' };
type RefreshGrant = TokenRequest & { grantType: 'refresh_token' };

/** Answers a token request, one method a grant. */
@Injectable()
export class GrantsService {
  constructor(
    private readonly auth: AuthService,
    private readonly sessions: SessionsService,
    private readonly rotation: RotationService,
    private readonly tokens: AccessTokenService,
    private readonly clients: ClientAuthentication,
    private readonly trail: AuditTrail,
    private readonly securityLog: SecurityLog,
  ) {}

  /**
   * @param user whose password was right; undefined for a grant without one
   * @throws OAuthError
   * @throws DatabaseUnavailable
   */
  async grant(request: Request, user: Account | undefined): Promise<TokenResponse> {
    const grant = request.body as TokenRequest;
    if (grant.grantType === 'refresh_token') {
      return TokenResponse.of(await this.refresh(request, grant));
    }
    if (grant.grantType === 'client_credentials') return this.grantToClient(request, grant.client);
    if (!user) throw new TypeError('A password grant without a user');
    return TokenResponse.of(await this.openSession(request, user, grant));
  }

  /** Changed between the check of the password and now, the user is checked once more. */
  private async openSession(
    request: Request,
    user: Account,
    grant: PasswordGrant,
  ): Promise<SessionTokens> {
    const { username, password } = grant;
    let tokens = await this.startSession(request, user, grant);
    if (!tokens) {
      const again = await this.auth.authenticate(request, username, password);
      tokens = await this.startSession(request, again, grant);
    }
    if (!tokens) {
      const typed = { username };
      await this.trail.refusal('login_failed', request, {
        user,
        typed,
        reason: 'changed_meanwhile',
      });
      throw new IncorrectCredentials();
    }
    return tokens;
  }

  private async startSession(
    request: Request,
    user: Account,
    { client, scopes }: PasswordGrant,
  ): Promise<SessionTokens | undefined> {
    const origin = { ip: request.ip, userAgent: request.headers['user-agent'], client };
    const details = client && { client_id: client.id };
    const entry = this.trail.entry('login_succeeded', request, { user, details });
    try {
      return await this.sessions.start(user, origin, scopes, entry);
    } catch (error) {
      if (error instanceof TemporarilyUnavailable) {
        const { username } = user;
        this.securityLog.record('login_unavailable', request, { username, reason: 'database' });
      }
      throw error;
    }
  }

  private async refresh(
    request: Request,
    { refreshToken, client, scopes }: RefreshGrant,
  ): Promise<SessionTokens> {
    try {
      const { username, tokens } = await this.rotation.rotate(
        request,
        refreshToken,
        client,
        scopes,
      );
      this.securityLog.record('token_refreshed', request, { username });
      return tokens;
    } catch (error) {
      if (error instanceof InvalidRefreshToken) {
        const { username, reason } = error;
        // That one ended the session, and is in trail and log already.
        if (reason === 'reuse') throw error;
        this.securityLog.record('refresh_refused', request, { username, reason });
      } else if (error instanceof WiderScope) {
        const { username, code } = error;
        this.securityLog.record('refresh_refused', request, { username, reason: code });
      }
      throw error;
    }
  }

  /** RFC 6749 §4.4: a token for the client itself. */
  private async grantToClient(
    request: Request,
    client: CallingClient | undefined,
  ): Promise<TokenResponse> {
    const { id } = await this.clients.authenticated(request, client);
    const { token, expiresIn } = this.tokens.sign({ sub: `${CLIENT_PREFIX}${id}` });
    this.securityLog.record('client_granted', request, { client_id: id });
    return { access_token: token, token_type: 'bearer', expires_in: expiresIn };
  }
}
