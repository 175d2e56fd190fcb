import { ExpiredToken, InvalidToken } from './token-errors.js';

/** Whom an access token is for. */
export interface TokenSubject {
  /** The username, as in the tutorial; `client:<id>` for a client's own token. */
  sub: string;
  /** The user's id: a name can be given to another user once its owner is gone, an id can't. No client has one. */
  uid?: string;
  /** The session, for a user's token. */
  sid?: string;
  /** What it allows, words separated by spaces (RFC 9068 §2.2.3); for a user's token. */
  scope?: string;
}

/** The claims of a latchkey access token (RFC 9068 names, where it has them). */
export interface AccessTokenClaims extends TokenSubject {
  iss: string;
  aud: string | string[];
  /** Seconds since the epoch, like `exp` and `nbf`. */
  iat: number;
  exp: number;
  nbf?: number;
  jti: string;
}

/** How far the clocks of two machines may be apart, in seconds. */
export const CLOCK_SKEW_S = 5;

/**
 * Checks everything about the claims that does not change with time.
 * @throws InvalidToken
 */
export function checkClaims(payload: unknown, issuer: string, audience: string): AccessTokenClaims {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
    throw new InvalidToken('the payload is not an object');
  }
  const { sub, uid, sid, scope, iss, aud, iat, exp, nbf } = payload as Record<string, unknown>;
  if (typeof sub !== 'string' || sub === '') throw new InvalidToken('sub');
  if (!isTextOrAbsent(uid)) throw new InvalidToken('uid');
  if (!isTextOrAbsent(sid)) throw new InvalidToken('sid');
  if (!isTextOrAbsent(scope)) throw new InvalidToken('scope');
  if (iss !== issuer) throw new InvalidToken('iss');
  if (!(Array.isArray(aud) ? aud : [aud]).includes(audience)) throw new InvalidToken('aud');
  if (!Number.isFinite(exp)) throw new InvalidToken('exp');
  if (!Number.isFinite(iat)) throw new InvalidToken('iat');
  if (nbf !== undefined && !Number.isFinite(nbf)) throw new InvalidToken('nbf');
  return payload as AccessTokenClaims;
}

/**
 * Checks the claims against the clock.
 * @param now seconds since the epoch
 * @throws ExpiredToken
 * @throws InvalidToken for a token from the future
 */
export function checkTimes({ sub, exp, iat, nbf }: AccessTokenClaims, now: number): void {
  if (iat > now + CLOCK_SKEW_S) throw new InvalidToken('iat is in the future');
  if (nbf !== undefined && nbf > now + CLOCK_SKEW_S) throw new InvalidToken('nbf is in the future');
  if (exp + CLOCK_SKEW_S <= now) throw new ExpiredToken(sub);
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && value !== '');
}
