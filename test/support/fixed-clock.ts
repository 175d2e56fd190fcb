import { Clock } from '../../src/common/clock.js';

/** A clock that stands still until it is moved. */
export class FixedClock extends Clock {
  private run = 0;

  constructor(private time = Date.parse('2030-01-01T00:00:00Z')) {
    super();
  }

  now(): number {
    return this.time;
  }

  elapsed(): number {
    return this.run;
  }

  /** Lets time pass. @param seconds negative to set the clock back */
  advance(seconds: number): void {
    this.set(seconds);
    this.run += Math.max(0, seconds) * 1000;
  }

  /** Sets the clock without time passing. @param seconds later, or earlier if negative */
  set(seconds: number): void {
    this.time += seconds * 1000;
  }
}
