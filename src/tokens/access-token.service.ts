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
} from './check-claims.js';
import { StoredKeyLoader } from './stored-key-loader.js';
import { KeyRing, type TokenKey } from './key-ring.js';
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
  constructor(
    private readonly jwt: JwtService,
    private readonly ring: KeyRing,
    private readonly loader: StoredKeyLoader,
    private readonly verified: VerifiedTokens,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
  ) {}

  /**
   * @param notAfter the latest time it may expire, in milliseconds since the epoch
   * @throws NoSigningKey
   */
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
    const { kid, algorithm, signKey } = this.ring.signer;
    const header = { typ: 'at+jwt', alg: algorithm, kid };
    const token = this.jwt.sign(claims, { algorithm, header, privateKey: signKey });
    return { token, expiresIn: exp - iat, expiresAt: exp * 1000 };
  }

  /**
   * @throws ExpiredToken for one that is valid except that it has expired
   * @throws InvalidToken for any other
   * @throws DatabaseUnavailable where an unknown key can't be looked up
   */
  async verify(token: string): Promise<AccessTokenClaims> {
    const claims = await this.read(token);
    try {
      checkTimes(claims, this.clock.now() / 1000);
    } catch (error) {
      if (error instanceof ExpiredToken) this.verified.delete(token);
      throw error;
    }
    return claims;
  }

  /**
   * The claims of a token that was valid once: everything except its times is checked.
   * @throws InvalidToken for any other
   * @throws DatabaseUnavailable where an unknown key can't be looked up
   */
  async read(token: string): Promise<AccessTokenClaims> {
    return this.verified.get(token) ?? (await this.verifyForever(token));
  }

  private async verifyForever(token: string): Promise<AccessTokenClaims> {
    const header = checkHeader(token);
    if (!this.ring.find(header.kid)) await this.loader.lookFor(header.kid);
    // No await from here on: the token of a key that is revoked meanwhile would be cached as verified.
    const { issuer, audience } = this.settings;
    const claims = checkClaims(this.checkSignature(token, this.keyOf(header)), issuer, audience);
    this.verified.add(token, claims);
    return claims;
  }

  /** The key that the header names, for its one algorithm; other members (`jwk`, `jku`, `x5u`) are ignored. */
  private keyOf({ kid, alg }: Header): TokenKey {
    const key = this.ring.find(kid);
    if (!key) throw new InvalidToken('kid');
    if (alg !== key.algorithm) throw new InvalidToken('alg');
    return key;
  }

  private checkSignature(token: string, { algorithm, verifyKey }: TokenKey): unknown {
    try {
      return this.jwt.verify<object>(token, {
        algorithms: [algorithm],
        // A KeyObject is what jsonwebtoken wants; only the types of @nestjs/jwt don't know.
        publicKey: verifyKey as never,
        ignoreExpiration: true,
        ignoreNotBefore: true,
      });
    } catch {
      throw new InvalidToken('signature');
    }
  }
}

type Header = Record<string, unknown>;

/** The type of the token, before any key is looked up. */
function checkHeader(token: string): Header {
  const header = decodeHeader(token);
  // RFC 9068 §4, RFC 7515 §4.1.9: media types compare without case, "application/" may be left out.
  const { typ } = header;
  if (typeof typ !== 'string' || !/^(application\/)?at\+jwt$/i.test(typ)) {
    throw new InvalidToken('typ');
  }
  // RFC 7515 §4.1.11: extensions that must be understood, and latchkey understands none.
  if (header.crit !== undefined) throw new InvalidToken('crit');
  return header;
}

function decodeHeader(token: string): Header {
  try {
    const text = Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString();
    const header: unknown = JSON.parse(text);
    if (typeof header === 'object' && header !== null) return header as Header;
  } catch {
    // Not JSON: refused like any other header that isn't ours.
  }
  throw new InvalidToken('header');
}
