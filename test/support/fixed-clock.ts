import { Clock } from '../../src/common/clock.js';

/** A clock that stands still until it is moved. */
export class FixedClock extends Clock {
  constructor(private time = Date.parse('2030-01-01T00:00:00Z')) {
    super();
  }

  now(): number {
    return this.time;
  }

  /** @param seconds negative to go back */
  advance(seconds: number): void {
    this.time += seconds * 1000;
  }
}
