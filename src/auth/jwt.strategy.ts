import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { Request } from 'express';
import { Strategy, type StrategyOptionsWithRequest } from 'passport-jwt';
import { liveScopes } from '../common/scopes.js';
import { SessionsService } from '../sessions/sessions.service.js';
import type { AccessTokenClaims } from '../tokens/access-token.claims.js';
import { AccessTokenService } from '../tokens/access-token.service.js';
import type { Account } from '../users/account.js';
import { InactiveUser, InvalidBearerToken, TokenUserNotFound } from './bearer-errors.js';
import { bearerToken } from './bearer-token.js';

type Verifier = (
  token: string,
  tokens: AccessTokenService,
  options: unknown,
  done: (error: Error | null, claims?: AccessTokenClaims) => void,
) => void;

/**
 * passport-jwt verifies through this hook, jsonwebtoken by default, which lets pass what must not
 * (docs/decisions/0004-who-verifies-a-token.md). The "key" handed along is the service that verifies.
 */
const verifyByService: Verifier = (token, tokens, _options, done) => {
  tokens.verify(token).then(
    (claims) => done(null, claims),
    (error: unknown) => done(error as Error),
  );
};

(Strategy as unknown as { JwtVerifier: Verifier }).JwtVerifier = verifyByService;

@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(
    tokens: AccessTokenService,
    private readonly sessions: SessionsService,
  ) {
    super({
      jwtFromRequest: bearerToken,
      passReqToCallback: true,
      secretOrKeyProvider: (_request, _token, done) => done(null, tokens as never),
    } satisfies StrategyOptionsWithRequest);
  }

  /** Reads user and session live: a token is good for as long as both are. */
  async validate(request: Request, claims: AccessTokenClaims): Promise<Account> {
    const { sub, uid, sid, scope } = claims;
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
}
