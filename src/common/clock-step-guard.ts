import type { Clock } from './clock.js';

/** A clock that runs ahead by less is not set, but adjusted, in milliseconds. */
const TOLERANCE_MS = 60_000;

/** How long a clock that was set forward is doubted, in milliseconds. */
const DOUBT_MS = 3_600_000;

/**
 * The time by which something may be removed for good. A clock that is set forward makes everything look old; what is
 * removed then is missing when it is set back. So such a leap counts only after an hour. One back counts at once.
 */
export class ClockStepGuard {
  /** What the clock is ahead of the time that has run, in milliseconds. */
  private offset: number;
  private doubtedSince: number | undefined;

  constructor(private readonly clock: Clock) {
    this.offset = clock.now() - clock.elapsed();
  }

  /** Milliseconds since the epoch; to be asked again and again. */
  now(): number {
    const elapsed = this.clock.elapsed();
    const offset = this.clock.now() - elapsed;
    this.doubtedSince =
      offset > this.offset + TOLERANCE_MS ? (this.doubtedSince ?? elapsed) : undefined;
    const isDoubted = this.doubtedSince !== undefined && elapsed - this.doubtedSince < DOUBT_MS;
    if (!isDoubted) this.offset = offset;
    return elapsed + this.offset;
  }
}
