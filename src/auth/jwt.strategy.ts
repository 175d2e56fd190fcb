import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import {
  ExpiredBearerToken,
  InactiveUser,
  InvalidBearerToken,
  TokenUserNotFound,
} from '../http/bearer-errors.js';
import { RequestStrategy } from '../http/passport.js';
import { liveScopes } from '../http/scopes.js';
import { SessionsService } from '../sessions/sessions.service.js';
import type { AccessTokenClaims } from '../tokens/check-claims.js';
import { AccessTokenService } from '../tokens/access-token.service.js';
import { ExpiredToken, InvalidToken } from '../tokens/token-errors.js';
import type { LoginUser } from '../users/login-user.js';
import { bearerToken } from './bearer-token.js';

/** An access token in the header. latchkey verifies it itself: docs/decisions/0004-who-verifies-a-token.md. */
@Injectable()
export class JwtStrategy extends RequestStrategy {
  constructor(
    private readonly tokens: AccessTokenService,
    private readonly sessions: SessionsService,
  ) {
    super();
  }

  /**
   * Reads user and session live: a token is valid only as long as both are.
   * @throws BearerProblem
   * @throws DatabaseUnavailable
   */
  async validate(request: Request): Promise<LoginUser> {
    const { sub, uid, sid, scope } = await this.claimsOf(bearerToken(request));
    if (uid === undefined) throw new InvalidBearerToken('not_of_a_user', sub);
    const caller = await this.sessions.findCaller(sub, sid);
    if (!caller || String(caller.account.id) !== uid) throw new TokenUserNotFound(sub);
    if (caller.account.disabled) throw new InactiveUser(sub);
    if (sid !== undefined && !caller.isSessionLive)
      throw new InvalidBearerToken('session_over', sub);
    request.sessionId = sid;
    request.scopes = liveScopes(caller.account.scopes, scope);
    return caller.account;
  }

  private async claimsOf(token: string): Promise<AccessTokenClaims> {
    try {
      return await this.tokens.verify(token);
    } catch (error) {
      if (error instanceof ExpiredToken) throw new ExpiredBearerToken(error.username);
      if (error instanceof InvalidToken) throw new InvalidBearerToken(error.reason);
      throw error;
    }
  }
}
