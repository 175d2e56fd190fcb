import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import { Repository } from 'typeorm';
import { Clock } from '../common/clock.js';
import { Database } from '../database/database.js';
import { KEPT, Session } from './session.entity.js';

/** How often dead sessions are looked for, in milliseconds. */
const INTERVAL = 60_000;

/** How many rows go at a time, and the pause for others between, in milliseconds: a request waits for one batch. */
const BATCH = 50;
const PAUSE = 10;

/** Removes the sessions that are over, so that the table is as long as there are live ones. */
@Injectable()
export class SessionSweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(
    @InjectRepository(Session) private readonly sessions: Repository<Session>,
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(SessionSweeper.name);
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
    let batch = BATCH;
    while (batch === BATCH && !this.isStopped) {
      batch = await this.removeBatch();
      removed += batch;
      if (batch === BATCH) await sleep(PAUSE);
    }
    return removed;
  }

  private sweepLater(): void {
    if (!this.isStopped) this.timer = setTimeout(() => void this.sweepNow(), INTERVAL).unref();
  }

  private async sweepNow(): Promise<void> {
    try {
      await this.sweep();
    } catch (error) {
      if (!this.isStopped) this.logger.warn({ cause: error }, 'dead sessions not removed');
    }
    this.sweepLater();
  }

  private async removeBatch(): Promise<number> {
    const dead = this.sessions
      .createQueryBuilder('session')
      .select('session.id')
      .where('session.expiresAt <= :before')
      .orderBy('session.expiresAt')
      .limit(BATCH);
    const { affected } = await this.database.run(() =>
      this.sessions
        .createQueryBuilder()
        .delete()
        .where(`id IN (${dead.getQuery()})`, { before: this.clock.now() - KEPT })
        .execute(),
    );
    return affected ?? 0;
  }
}
