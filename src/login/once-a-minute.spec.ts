import { describe, expect, it } from '@jest/globals';
import { OnceAMinute } from './once-a-minute.js';

describe('OnceAMinute', () => {
  it('is due once a minute for each key', () => {
    const once = new OnceAMinute();
    expect([0, 1, 59_999, 60_000, 60_001].map((now) => once.isDue('a', now))).toEqual([
      ...[true, false, false, true, false],
    ]);
    expect(once.isDue('b', 60_001)).toBe(true);
  });

  it('remembers a thousand keys, and forgets the oldest', () => {
    const once = new OnceAMinute();
    for (let i = 0; i <= 1_000; i++) once.isDue(String(i), i);
    expect(once.isDue('1000', 1_001)).toBe(false);
    expect(once.isDue('1', 1_001)).toBe(false);
    expect(once.isDue('0', 1_001)).toBe(true);
  });
});
