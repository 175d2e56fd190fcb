import { Injectable } from '@nestjs/common';

/** A piece of work whose duration and outcome can be observed. */
export type Work =
  | {
      kind: 'database';
      type: 'statement' | 'group';
      /** SQL without its parameters, as far as it is known before it runs. */
      statements: readonly string[];
    }
  | { kind: 'hash_wait' }
  | { kind: 'hash' }
  | { kind: 'mail'; mail: string };

/** Metrics or traces: observes what happens, and changes nothing. */
export interface Instrument {
  /** Runs the work, and returns or throws what it does. */
  during?<T>(work: Work, run: () => Promise<T>): Promise<T>;
  happened?(event: string, reason: string | undefined): void;
}

/**
 * Where other modules report their work, without knowing who observes it. With no observer, which is the default,
 * it costs a check of an empty list.
 */
@Injectable()
export class Instrumentation {
  private readonly instruments: Instrument[] = [];

  add(instrument: Instrument): void {
    this.instruments.push(instrument);
  }

  during<T>(work: Work, run: () => Promise<T>): Promise<T> {
    let watched = run;
    for (const instrument of this.instruments) {
      const inner = watched;
      if (instrument.during) watched = () => instrument.during?.(work, inner) ?? inner();
    }
    return watched();
  }

  happened(event: string, reason?: string): void {
    for (const instrument of this.instruments) instrument.happened?.(event, reason);
  }
}
