import type { Request } from 'express';
import {
  InvalidBearerToken,
  NotAuthenticated,
  RepeatedAuthorization,
  TokenInQuery,
} from '../http/bearer-errors.js';
import { authorizationOf } from '../http/request-context.js';

/** RFC 6750 §2.1, b64token. */
const B64TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

/**
 * The access token from the `Authorization` header (RFC 6750 §2.1), in one linear pass.
 * @throws NotAuthenticated without the header, or with another scheme
 * @throws InvalidBearerToken for `Bearer` with nothing after it, or with more than a token
 * @throws RepeatedAuthorization
 * @throws TokenInQuery
 */
export function bearerToken(request: Request): string {
  const header = request.headers.authorization;
  if (header === undefined) throw new NotAuthenticated();
  if (authorizationOf(request).length > 1) throw new RepeatedAuthorization();
  if (header.slice(0, 6).toLowerCase() !== 'bearer' || (header.length > 6 && header[6] !== ' ')) {
    throw new NotAuthenticated();
  }
  if (hasQueryToken(request)) throw new TokenInQuery();
  let start = 6;
  while (header[start] === ' ') start++;
  const token = header.slice(start);
  if (!B64TOKEN.test(token)) throw new InvalidBearerToken('malformed');
  return token;
}

function hasQueryToken({ url }: Request): boolean {
  const query = url.indexOf('?');
  return query !== -1 && new URLSearchParams(url.slice(query)).has('access_token');
}
