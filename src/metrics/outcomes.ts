import type { SecurityEvent } from '../audit/events.js';

/** The outcome of a login. Wrong and unknown are one: the metrics don't reveal which names exist. */
export const LOGIN_OUTCOMES = [
  'success',
  'wrong_password',
  'disabled',
  'unverified',
  'throttled',
  'malformed',
  'queue_full',
  'unavailable',
] as const;

export const REFRESH_OUTCOMES = [
  'success',
  'reuse',
  'expired',
  'revoked',
  'unknown',
  'malformed',
  'other_client',
  'invalid_scope',
  'disabled',
] as const;

export const SESSION_ENDS = [
  'revoked',
  'logout',
  'logout_elsewhere',
  'logout_everywhere',
  'ended_by_administrator',
] as const;

type LoginOutcome = (typeof LOGIN_OUTCOMES)[number];

/** @returns undefined for an event that is not a login */
export function loginOutcome(event: SecurityEvent, reason?: string): LoginOutcome | undefined {
  switch (event) {
    case 'login_succeeded':
      return 'success';
    case 'login_failed':
      return reason === 'disabled' || reason === 'pending' ? REFUSED[reason] : 'wrong_password';
    case 'login_limited':
      return 'throttled';
    case 'login_malformed':
      return 'malformed';
    case 'login_unavailable':
      return reason === 'queue_full' ? 'queue_full' : 'unavailable';
    default:
      return undefined;
  }
}

const REFUSED = { disabled: 'disabled', pending: 'unverified' } as const;

/** @returns undefined for an event that is not a refresh */
export function refreshOutcome(event: SecurityEvent, reason?: string): string | undefined {
  if (event === 'token_refreshed') return 'success';
  if (event === 'refresh_refused' || event === 'refresh_reuse') {
    return known(REFRESH_OUTCOMES, reason);
  }
  return undefined;
}

/** @returns undefined for an event that ends no session */
export function sessionEnd(event: SecurityEvent, reason?: string): string | undefined {
  return event === 'session_ended' ? known(SESSION_ENDS, reason) : undefined;
}

/** Whatever the reason, a label only takes values from its list. */
function known(words: readonly string[], word = ''): string {
  return words.includes(word) ? word : 'other';
}
