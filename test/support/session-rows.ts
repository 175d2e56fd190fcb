import type { Session } from '../../src/sessions/session.entity.js';

/** Far from every clock of the tests, the fixed one and the real one. */
const LONG_AGO = Date.parse('2020-01-01T00:00:00Z');
const IN_A_CENTURY = Date.parse('2126-01-01T00:00:00Z');

/** A row of `sessions` with a login long ago and an end far in the future. */
export function sessionRow(id: string, userId: number, changes: Partial<Session> = {}) {
  return {
    id,
    userId,
    clientId: null,
    clientAuthenticated: false,
    userAgent: null,
    ip: null,
    createdAt: LONG_AGO,
    lastUsedAt: LONG_AGO + 1,
    refreshCounter: 3,
    rotatedAt: LONG_AGO + 1,
    tokensExpireAt: LONG_AGO + 2,
    expiresAt: IN_A_CENTURY,
    revokedAt: null,
    revokedReason: null,
    revokedSeq: null,
    scope: null,
    ...changes,
  };
}

export const OVER = { expiresAt: LONG_AGO + 2 };
export const REVOKED = { revokedAt: LONG_AGO, revokedReason: 'logout', revokedSeq: 1 } as const;
