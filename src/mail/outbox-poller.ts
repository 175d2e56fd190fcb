import {
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';
import { KEPT_MS, DeliveryAttempt } from './delivery-attempt.js';
import { DueMails } from './due-mails.js';
import { MailTemplates } from './mail-templates.js';
import { MailTransport } from './mail-transport.js';

/**
 * How often to poll for messages that are due, in milliseconds. Nothing else wakes the sender: were it the
 * request, one for a known address would be followed by work that one for an unknown address is not, and the next
 * responses would reveal the difference.
 */
const INTERVAL_MS = 1_000;

/** How often to look for messages that have waited too long, in milliseconds. */
const TIDY_INTERVAL_MS = 60_000;

/** How many messages are sent concurrently. */
const LANES = 3;

/** How long the messages under way may take once the shutdown has begun, in milliseconds. */
const GRACE_MS = 5_000;

/** Sends what is in the outbox. */
@Injectable()
export class OutboxPoller
  implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown
{
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly lanes = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private isStopped = false;
  private hasFailed = false;

  constructor(
    private readonly due: DueMails,
    private readonly delivery: DeliveryAttempt,
    private readonly templates: MailTemplates,
    private readonly transport: MailTransport,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext('OutboxPoller');
  }

  /** @throws ConfigError for a template that can't be used */
  async onModuleInit(): Promise<void> {
    await this.templates.load();
  }

  onApplicationBootstrap(): void {
    if (!this.transport.isThere) this.logger.warn('SMTP_URL is not set: mail waits until it is');
    this.timers.push(
      setInterval(() => this.openLane(), INTERVAL_MS).unref(),
      setInterval(() => void this.tidyNow(), TIDY_INTERVAL_MS).unref(),
    );
  }

  /** Begins nothing new. Messages in transit continue while the requests in flight are finished. */
  onModuleDestroy(): void {
    this.isStopped = true;
    for (const timer of this.timers) clearInterval(timer);
    setTimeout(() => this.stopping.abort(), GRACE_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.lanes);
  }

  /** Sends everything that is due, and waits until that is done. */
  async deliverDue(): Promise<void> {
    // The lanes may have polled for the last time already.
    await Promise.all(this.lanes);
    this.openLane();
    // One message more may open one lane more.
    while (this.lanes.size > 0) await Promise.all(this.lanes);
  }

  /** Removes messages that waited too long for a server to be set up. */
  async tidy(): Promise<void> {
    while (!this.isStopped && !this.transport.isThere) {
      const removed = await this.due.removeOlderThan(KEPT_MS);
      if (removed === 0) return;
      this.logger.error({ removed }, 'mail given up: SMTP_URL is not set');
    }
  }

  private openLane(): void {
    if (this.isStopped || this.lanes.size >= LANES) return;
    const lane = this.workSafely().finally(() => this.lanes.delete(lane));
    this.lanes.add(lane);
  }

  private async workSafely(): Promise<void> {
    try {
      await this.work();
      this.hasFailed = false;
    } catch (error) {
      if (!this.hasFailed) this.logger.warn({ cause: error }, 'mail could not be processed');
      this.hasFailed = true;
    }
  }

  private async work(): Promise<void> {
    while (!this.isStopped && this.transport.isThere) {
      const mail = await this.due.claimNext();
      if (!mail) return;
      // Where there is one there may be more.
      this.openLane();
      await this.delivery.attempt(mail, this.stopping.signal);
    }
  }

  private async tidyNow(): Promise<void> {
    try {
      await this.tidy();
    } catch (error) {
      if (!this.isStopped) this.logger.warn({ cause: error }, 'old mail not removed');
    }
  }
}
