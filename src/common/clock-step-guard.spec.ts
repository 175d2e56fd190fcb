import { beforeEach, describe, expect, it } from '@jest/globals';
import { Clock } from './clock.js';
import { ClockStepGuard } from './clock-step-guard.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const YEAR = 365 * 24 * HOUR;
const START = Date.UTC(2026, 0, 1);

describe('The settled time', () => {
  let elapsed: number;
  let clockIsAhead: number;
  let settled: ClockStepGuard;

  class SettableClock extends Clock {
    now = () => START + elapsed + clockIsAhead;
    elapsed = () => elapsed;
  }

  beforeEach(() => {
    elapsed = 0;
    clockIsAhead = 0;
    settled = new ClockStepGuard(new SettableClock());
  });

  const after = (milliseconds: number) => {
    elapsed += milliseconds;
    return settled.now() - START;
  };

  it('follows the clock, which may be adjusted a little', () => {
    expect(after(MINUTE)).toBe(MINUTE);
    clockIsAhead = 50_000;
    expect(after(MINUTE)).toBe(2 * MINUTE + 50_000);
    clockIsAhead = 100_000;
    expect(after(MINUTE)).toBe(3 * MINUTE + 100_000);
  });

  it('continues evenly when the clock jumps forward, and back again', () => {
    clockIsAhead = YEAR;
    expect(after(MINUTE)).toBe(MINUTE);
    expect(after(MINUTE)).toBe(2 * MINUTE);
    clockIsAhead = 0;
    expect(after(MINUTE)).toBe(3 * MINUTE);
  });

  it('believes a jump that has lasted an hour', () => {
    clockIsAhead = YEAR;
    after(MINUTE);
    expect(after(HOUR - 1)).toBe(MINUTE + HOUR - 1);
    expect(after(1)).toBe(MINUTE + HOUR + YEAR);
    expect(after(MINUTE)).toBe(2 * MINUTE + HOUR + YEAR);
  });

  it('restarts the hour after another jump', () => {
    clockIsAhead = YEAR;
    after(MINUTE);
    after(HOUR / 2);
    clockIsAhead = 0;
    after(MINUTE);
    clockIsAhead = YEAR;
    expect(after(HOUR - 1)).toBeLessThan(YEAR);
  });

  it('believes a jump back at once', () => {
    clockIsAhead = -YEAR;
    expect(after(MINUTE)).toBe(MINUTE - YEAR);
  });
});
