import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { RevocationsService } from '../sessions/revocations.service.js';

/** How often the counter is polled while a client waits, in milliseconds. */
const INTERVAL_MS = 250;

interface Waiter {
  cursor: number;
  done: () => void;
}

/**
 * Lets long polls wait for the next revocation by any process: one query for all
 * of them, and none while no client waits.
 */
@Injectable()
export class RevocationWatch implements OnModuleDestroy {
  private readonly waiters = new Set<Waiter>();
  private isStopped = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly revocations: RevocationsService) {}

  /**
   * Resolves once the counter of revocations is past `cursor`, the time is over, or the client has gone.
   * @param patience milliseconds
   */
  async passed(cursor: number, patience: number, closed: AbortSignal): Promise<void> {
    if (this.isStopped || closed.aborted) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.waiters.delete(waiter);
        resolve();
      };
      const waiter = { cursor, done };
      const timer = setTimeout(done, patience);
      closed.addEventListener('abort', done, { once: true });
      this.waiters.add(waiter);
      this.lookLater();
    });
  }

  /** Releases all waiting clients, so that the shutdown need not wait for them. */
  onModuleDestroy(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
    for (const waiter of this.waiters) waiter.done();
  }

  private lookLater(): void {
    if (this.timer || this.waiters.size === 0) return;
    this.timer = setTimeout(() => void this.look(), INTERVAL_MS);
  }

  private async look(): Promise<void> {
    // A database that doesn't answer is reported by the response itself.
    const count = await this.revocations.count().catch(() => -1);
    for (const waiter of this.waiters) if (waiter.cursor < count) waiter.done();
    this.timer = undefined;
    this.lookLater();
  }
}
