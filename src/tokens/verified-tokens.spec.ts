import { describe, expect, it } from '@jest/globals';
import type { AccessTokenClaims } from './check-claims.js';
import { VerifiedTokens } from './verified-tokens.js';

const CAPACITY = 10_000;
const claimsOf = (sub: string) => ({ sub }) as AccessTokenClaims;

describe('VerifiedTokens', () => {
  it('keeps claims by the exact text of the token, until they are deleted', () => {
    const verified = new VerifiedTokens();
    verified.add('a.b.c', claimsOf('alex'));
    expect(verified.get('a.b.c')).toEqual({ sub: 'alex' });
    expect(verified.get('a.b.C')).toBeUndefined();
    verified.delete('a.b.c');
    expect(verified.get('a.b.c')).toBeUndefined();
  });

  it('keeps 10,000, and forgets the oldest first', () => {
    const verified = new VerifiedTokens();
    for (let i = 0; i <= CAPACITY; i++) verified.add(`token ${i}`, claimsOf(String(i)));
    expect(verified.get('token 0')).toBeUndefined();
    expect(verified.get('token 1')).toEqual({ sub: '1' });
    expect(verified.get(`token ${CAPACITY}`)).toEqual({ sub: String(CAPACITY) });
  });
});
