import cluster from 'node:cluster';
import type { Server } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';
import { MetricsSettings } from '../config/settings.js';
import type { Metrics } from './metrics.js';
import { METRICS } from './metrics-provider.js';
import { openMetricsListener } from './metrics-listener.js';
import { tellPrimary } from './worker-metrics.js';

/** `/metrics` on a port of its own. With several workers it is in their primary, which asks them all. */
@Injectable()
export class MetricsListener implements OnApplicationBootstrap, OnApplicationShutdown {
  private server: Server | undefined;

  constructor(
    @Inject(METRICS) private readonly metrics: Metrics | null,
    private readonly settings: MetricsSettings,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext('MetricsListener');
  }

  /** @throws Error if the port is not available */
  async onApplicationBootstrap(): Promise<void> {
    const { metrics } = this;
    if (!metrics) return;
    if (cluster.isWorker) tellPrimary(metrics);
    else this.server = await openMetricsListener(this.settings, () => metrics.text(), this.logger);
  }

  /** Last of all, so that the shutdown can be observed too. */
  onApplicationShutdown(): void {
    this.server?.close();
    this.server?.closeAllConnections();
  }
}
