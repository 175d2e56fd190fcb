import { SetMetadata } from '@nestjs/common';

declare module 'express-serve-static-core' {
  interface Request {
    /** What the access token allows, as far as its user is still granted it. */
    scopes?: readonly string[];
  }
}

/** What every token allows: one's own account. It need not be granted. */
export const PROFILE = 'profile';

/** To see the users, and to manage them. */
export const USERS_READ = 'users:read';
export const USERS_WRITE = 'users:write';

/** The scopes that latchkey itself knows; an operator may grant others, for other services. */
export const KNOWN_SCOPES: Readonly<Record<string, string>> = {
  [PROFILE]: 'Your own account',
  [USERS_READ]: 'See the users',
  [USERS_WRITE]: 'Manage the users',
};

const JUST_PROFILE: readonly string[] = [PROFILE];

/** The metadata that `@Scopes()` leaves on a handler or its class, for the guard. */
export const NEEDED_SCOPES = 'latchkey:scopes';

/** The access token must have all of these scopes, and its user must still be granted them. */
export const Scopes = (...scopes: string[]) => SetMetadata(NEEDED_SCOPES, scopes);

/** Reads a scope as RFC 6749 §3.3 writes it: words separated by blanks. */
export function parseScope(scope: string | null | undefined): string[] {
  return (scope ?? '').split(' ').filter((word) => word !== '');
}

/** The scopes of a user who was granted these. */
export function scopesOf(granted: string | null): string[] {
  return [...new Set([PROFILE, ...parseScope(granted)])];
}

/** Those of the user's scopes that are among the others; `profile` always is. */
export function scopesAmong(granted: string | null, others: readonly string[]): string[] {
  return scopesOf(granted).filter((scope) => scope === PROFILE || others.includes(scope));
}

/** What a token allows now: what it says, as far as its user is still granted it. A token of old says nothing. */
export function liveScopes(
  granted: string | null,
  scope: string | null | undefined,
): readonly string[] {
  // Most users were granted nothing, and this is asked at every request.
  if (granted === null) return JUST_PROFILE;
  return scopesAmong(granted, parseScope(scope));
}
