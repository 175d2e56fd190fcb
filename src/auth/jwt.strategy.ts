import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy, type StrategyOptionsWithoutRequest } from 'passport-jwt';
import type { AccessTokenClaims } from '../tokens/access-token.claims.js';
import { AccessTokenService } from '../tokens/access-token.service.js';
import type { Account } from '../users/account.js';
import { UsersService } from '../users/users.service.js';
import { InactiveUser, TokenUserNotFound } from './bearer-errors.js';
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
    private readonly users: UsersService,
  ) {
    super({
      jwtFromRequest: bearerToken,
      secretOrKeyProvider: (_request, _token, done) => done(null, tokens as never),
    } satisfies StrategyOptionsWithoutRequest);
  }

  /** Reads the user live: a token is good for as long as its user is. */
  async validate({ sub, uid }: AccessTokenClaims): Promise<Account> {
    const user = await this.users.findByUsername(sub);
    if (!user || String(user.id) !== uid) throw new TokenUserNotFound(sub);
    if (user.disabled) throw new InactiveUser(sub);
    return user;
  }
}
