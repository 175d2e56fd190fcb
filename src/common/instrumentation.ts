import { Injectable } from '@nestjs/common';

/** A piece of work whose time and outcome somebody may want to know. */
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

/** Metrics or traces: sees what happens, and changes nothing of it. */
export interface Instrument {
  /** Runs the work, and returns or throws what it does. */
  during?<T>(work: Work, run: () => Promise<T>): Promise<T>;
  happened?(event: string, reason: string | undefined): void;
}

/**
 * Where the rooms below say what they do, without knowing who looks on. Where nobody does, which is the default,
 * it costs a look at an empty list.
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
