import { parseScope } from '../http/scopes.js';
import type { User } from '../users/user.entity.js';
import { BeyondOwnScopes } from './admin-errors.js';
import type { Administrator } from './current-administrator.decorator.js';

/**
 * Anyone who can change a user's address, or have a reset sent, can become that user.
 * @throws BeyondOwnScopes for a user with a scope that the administrator lacks
 */
export function checkReach({ scopes }: Administrator, user: Pick<User, 'scopes'>): void {
  if (!parseScope(user.scopes).every((scope) => scopes.includes(scope))) {
    throw new BeyondOwnScopes();
  }
}

/** @throws BeyondOwnScopes if a scope is granted or revoked that the administrator lacks */
export function checkGrant(
  { scopes }: Administrator,
  before: readonly string[],
  after: readonly string[],
): void {
  const given = after.filter((scope) => !before.includes(scope));
  const taken = before.filter((scope) => !after.includes(scope));
  if (![...given, ...taken].every((scope) => scopes.includes(scope))) throw new BeyondOwnScopes();
}
