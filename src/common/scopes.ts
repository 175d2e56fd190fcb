import { SetMetadata } from '@nestjs/common';

/** What every token allows: one's own account. Nobody needs to be granted it. */
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

export const NEEDED_SCOPES = 'latchkey:scopes';

/** The access token must have all of these scopes, and its user must still be granted them. */
export const Scopes = (...scopes: string[]) => SetMetadata(NEEDED_SCOPES, scopes);

/** Reads a scope as RFC 6749 §3.3 writes it: words separated by blanks. */
export function parseScope(scope: string | null | undefined): string[] {
  return (scope ?? '').split(' ').filter((word) => word !== '');
}
