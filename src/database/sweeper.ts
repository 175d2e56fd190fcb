import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';
import { Clock } from '../common/clock.js';
import { ClockStepGuard } from '../common/clock-step-guard.js';
import { ExpiringRows } from './expiring-rows.js';

/** How often expired rows are looked for, in milliseconds. */
const INTERVAL_MS = 60_000;

/** How many rows are deleted at a time, and the pause in between, in milliseconds: a request waits for one batch. */
const BATCH = 50;
const PAUSE_MS = 10;

/** Removes expired rows, so that tables hold little more than live ones. */
@Injectable()
export class Sweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;
  private readonly settled: ClockStepGuard;

  constructor(
    private readonly rows: ExpiringRows,
    clock: Clock,
    private readonly logger: PinoLogger,
  ) {
    this.settled = new ClockStepGuard(clock);
    logger.setContext('Sweeper');
  }

  onApplicationBootstrap(): void {
    this.sweepLater();
  }

  onModuleDestroy(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  /** @returns how many rows were removed */
  async sweep(): Promise<number> {
    let removed = 0;
    let kind = 0;
    while (!this.isStopped) {
      const batch = await this.rows.removeBatch(kind, this.settled.now(), BATCH);
      if (batch === undefined) break;
      removed += batch;
      if (batch === BATCH) await sleep(PAUSE_MS);
      else kind++;
    }
    return removed;
  }

  private sweepLater(): void {
    if (!this.isStopped) this.timer = setTimeout(() => void this.sweepNow(), INTERVAL_MS).unref();
  }

  private async sweepNow(): Promise<void> {
    try {
      await this.sweep();
    } catch (error) {
      if (!this.isStopped) this.logger.warn({ cause: error }, 'dead rows not removed');
    }
    this.sweepLater();
  }
}
