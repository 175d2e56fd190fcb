import { Injectable } from '@nestjs/common';
import type { SecurityEvent } from './security-log.js';

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
export interface Watcher {
  /** Runs the work, and returns or throws what it does. */
  during?<T>(work: Work, run: () => Promise<T>): Promise<T>;
  happened?(event: SecurityEvent, reason: string | undefined): void;
  throttled?(): void;
}

/**
 * Where the rooms below say what they do, without knowing who looks on. Where nobody does, which is the default,
 * it costs a look at an empty list.
 */
@Injectable()
export class Watch {
  private readonly watchers: Watcher[] = [];

  add(watcher: Watcher): void {
    this.watchers.push(watcher);
  }

  during<T>(work: Work, run: () => Promise<T>): Promise<T> {
    let watched = run;
    for (const watcher of this.watchers) {
      const inner = watched;
      if (watcher.during) watched = () => watcher.during?.(work, inner) ?? inner();
    }
    return watched();
  }

  happened(event: SecurityEvent, reason?: string): void {
    for (const watcher of this.watchers) watcher.happened?.(event, reason);
  }

  /** A login was refused because of those before it. Of these the security log has a line a minute only. */
  throttled(): void {
    for (const watcher of this.watchers) watcher.throttled?.();
  }
}
