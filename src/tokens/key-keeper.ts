import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';
import { Clock } from '../common/clock.js';
import { ClockStepGuard } from '../common/clock-step-guard.js';
import { TokenSettings } from '../config/settings.js';
import { StoredKeyLoader } from './stored-key-loader.js';
import { KeyRing } from './key-ring.js';
import { KeysService } from './keys.service.js';
import { isHmacAlgorithm } from './hmac-keys.js';
import { StoredKeys } from './stored-keys.service.js';

/** How often each instance reloads the keys, in milliseconds. */
const INTERVAL_MS = 2_000;

/** The service's own work on keys, which the command line doesn't do: what it needs at the start, and every 2 s. */
@Injectable()
export class KeyKeeper implements OnModuleInit, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private isLooking = false;
  private hasFailed = false;
  private readonly settled: ClockStepGuard;

  constructor(
    private readonly keys: KeysService,
    private readonly stored: StoredKeys,
    private readonly loader: StoredKeyLoader,
    private readonly ring: KeyRing,
    private readonly settings: TokenSettings,
    private readonly logger: PinoLogger,
    clock: Clock,
  ) {
    this.settled = new ClockStepGuard(clock);
    logger.setContext('KeyKeeper');
  }

  /** @throws ConfigError naming the stored keys that don't open */
  async onModuleInit(): Promise<void> {
    await this.keys.prepare();
    if (isHmacAlgorithm(this.settings.algorithm)) return;
    await this.loader.reload();
    this.timer = setInterval(() => void this.look(), INTERVAL_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async look(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    try {
      await this.keepUp();
      this.hasFailed = false;
    } catch (error) {
      if (!this.hasFailed && this.timer)
        this.logger.warn({ cause: error }, 'The keys could not be processed');
      this.hasFailed = true;
    } finally {
      this.isLooking = false;
    }
  }

  private async keepUp(): Promise<void> {
    await this.loader.reload();
    if (!this.ring.canSign) {
      await this.keys.makeSigner();
      await this.loader.reload();
    }
    for (const { kid } of this.ring.endedAt(this.settled.now())) await this.stored.delete(kid);
  }
}
