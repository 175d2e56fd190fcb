import { Injectable } from '@nestjs/common';

/** Where the service gets the time from; tests put a clock of their own in its place. */
export abstract class Clock {
  /** Milliseconds since the Unix epoch. */
  abstract now(): number;

  /** Milliseconds since an arbitrary moment, unaffected by changes of the time. */
  abstract elapsed(): number;
}

@Injectable()
export class SystemClock extends Clock {
  now(): number {
    return Date.now();
  }

  elapsed(): number {
    return performance.now();
  }
}

/** Seconds since the Unix epoch, as JWTs count (RFC 7519 §2, NumericDate). */
export function epochSeconds(clock: Clock): number {
  return Math.floor(clock.now() / 1000);
}
