import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { Clock, epochSeconds } from '../common/clock.js';
import { TokenSettings } from '../config/settings.js';
import {
  type AccessTokenClaims,
  checkClaims,
  checkTimes,
  type TokenSubject,
} from './access-token.claims.js';
import { SigningKey } from './signing-key.js';
import { ExpiredToken, InvalidToken } from './token-errors.js';
import { VerifiedTokens } from './verified-tokens.js';

export interface AccessToken {
  token: string;
  /** Seconds. */
  expiresIn: number;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/** Signs and verifies access tokens: JWTs in the form of RFC 9068. */
@Injectable()
export class AccessTokenService {
  private readonly verified = new VerifiedTokens();

  constructor(
    private readonly jwt: JwtService,
    private readonly key: SigningKey,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
  ) {}

  /** @param notAfter the latest time it may be good for, in milliseconds since the epoch */
  sign(subject: TokenSubject, notAfter = Infinity): AccessToken {
    const { issuer, audience, accessTokenLifetime } = this.settings;
    const iat = epochSeconds(this.clock);
    const exp = Math.min(iat + accessTokenLifetime, Math.floor(notAfter / 1000));
    const claims: AccessTokenClaims = {
      ...subject,
      iss: issuer,
      aud: audience,
      iat,
      exp,
      jti: randomUUID(),
    };
    const header = { typ: 'at+jwt', alg: this.key.algorithm, kid: this.key.id };
    const token = this.jwt.sign(claims, { algorithm: header.alg, header });
    return { token, expiresIn: exp - iat, expiresAt: exp * 1000 };
  }

  /**
   * @throws ExpiredToken for one that was good, but whose time is over
   * @throws InvalidToken for any other
   */
  async verify(token: string): Promise<AccessTokenClaims> {
    const claims = this.verified.get(token) ?? this.verifyForever(token);
    try {
      checkTimes(claims, this.clock.now() / 1000);
    } catch (error) {
      if (error instanceof ExpiredToken) this.verified.delete(token);
      throw error;
    }
    return claims;
  }

  /** Everything about a token that time doesn't change. */
  private verifyForever(token: string): AccessTokenClaims {
    this.checkHeader(token);
    const claims = checkClaims(
      this.checkSignature(token),
      this.settings.issuer,
      this.settings.audience,
    );
    this.verified.add(token, claims);
    return claims;
  }

  /** The header must say what ours say; whatever else it offers (`jwk`, `jku`, `x5u`) is not looked at. */
  private checkHeader(token: string): void {
    const header = decodeHeader(token);
    if (header.alg !== this.key.algorithm) throw new InvalidToken('alg');
    if (header.kid !== this.key.id) throw new InvalidToken('kid');
    // RFC 9068 §4, RFC 7515 §4.1.9: media types compare without case, "application/" may be left out.
    const { typ } = header;
    if (typeof typ !== 'string' || !/^(application\/)?at\+jwt$/i.test(typ)) {
      throw new InvalidToken('typ');
    }
    // RFC 7515 §4.1.11: an extension that must be understood, and latchkey understands none.
    if (header.crit !== undefined) throw new InvalidToken('crit');
  }

  private checkSignature(token: string): unknown {
    try {
      return this.jwt.verify<object>(token, {
        algorithms: [this.key.algorithm],
        ignoreExpiration: true,
        ignoreNotBefore: true,
      });
    } catch {
      throw new InvalidToken('signature');
    }
  }
}

function decodeHeader(token: string): Record<string, unknown> {
  try {
    const text = Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString();
    const header: unknown = JSON.parse(text);
    if (typeof header === 'object' && header !== null) return header as Record<string, unknown>;
  } catch {
    // Not JSON: refused like any other header that isn't ours.
  }
  throw new InvalidToken('header');
}
