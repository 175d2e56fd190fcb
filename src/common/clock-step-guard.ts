import type { Clock } from './clock.js';

/** A clock that is ahead by less was not set but adjusted (slewed), in milliseconds. */
const TOLERANCE_MS = 60_000;

/** How long a clock that was set forward is doubted, in milliseconds. */
const DOUBT_MS = 3_600_000;

/**
 * The time by which rows may be deleted. A clock that is set forward makes everything look old; what is
 * deleted then is missing when it is set back. So such a jump counts only after an hour. One back counts at once.
 */
export class ClockStepGuard {
  /** How far the clock is ahead of the elapsed time, in milliseconds. */
  private offset: number;
  private doubtedSince: number | undefined;

  constructor(private readonly clock: Clock) {
    this.offset = clock.now() - clock.elapsed();
  }

  /** Milliseconds since the epoch; to be called regularly. */
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
