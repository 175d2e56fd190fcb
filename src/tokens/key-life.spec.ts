import { describe, expect, it } from '@jest/globals';
import { type KeyTimes, longestTokenLife, retiresAt, signerOf, stateOf } from './key-life.js';

/** Keys by name, each for ES256 from the given time on; a name in capitals is for RS256. */
function keysOf(times: Record<string, number>): KeyTimes[] {
  return Object.entries(times).map(([kid, signsFrom]) => ({
    kid,
    algorithm: /[A-Z]/.test(kid) ? 'RS256' : 'ES256',
    signsFrom,
  }));
}

describe('The key that signs', () => {
  it.each([
    ['is the only one', { a: 0 }, 'a'],
    ['is the newest that has begun', { a: 0, b: 50, c: 20 }, 'b'],
    ['begins at its time to the millisecond', { a: 0, b: 100 }, 'b'],
    ['is not one whose time is still to come', { a: 0, b: 101 }, 'a'],
    ['is the first to begin where none has', { b: 300, a: 200 }, 'a'],
    ['is the same for every instance where two began at once', { b: 50, a: 50 }, 'b'],
    ['is of the configured algorithm', { a: 0, B: 50 }, 'a'],
    ['is none where there is none of the algorithm', { A: 0 }, undefined],
    ['is none in an empty table', {}, undefined],
  ])('%s', (_, times, kid) => {
    const keys = keysOf(times);
    expect(signerOf(keys, 'ES256', 100)?.kid).toBe(kid);
    expect(signerOf(keys.toReversed(), 'ES256', 100)?.kid).toBe(kid);
  });
});

describe('A key retires', () => {
  it.each([
    ['when the next one begins', { a: 0, b: 50, c: 90 }, 50],
    ['never, as the last one', { a: 100, b: 50 }, Infinity],
    ['not for one of another algorithm', { a: 0, B: 50 }, Infinity],
    ['at once, where another began in the same moment', { a: 50, b: 50 }, 50],
  ])('%s', (_, times, time) => {
    const keys = keysOf(times);
    expect(retiresAt(keys[0]!, keys, 'ES256')).toBe(time);
  });

  it('of another algorithm than the configured one for the first newer key of that', () => {
    const keys = keysOf({ A: 10, B: 20, a: 5, b: 60, c: 80 });
    expect(keys.slice(0, 2).map((key) => retiresAt(key, keys, 'ES256'))).toEqual([60, 60]);
  });
});

describe('The state of keys', () => {
  it('is reported for each', () => {
    const keys = keysOf({ a: 0, b: 50, c: 200, A: 10, B: 300 });
    expect(keys.map((key) => stateOf(key, keys, 'ES256', 100))).toEqual([
      'retired',
      'signing',
      'next',
      'retired',
      'next',
    ]);
  });
});

it('The longest life of a token covers clocks that differ', () => {
  expect(longestTokenLife(900)).toBeGreaterThan(905_000);
});
