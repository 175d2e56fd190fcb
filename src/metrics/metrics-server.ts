import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';
import type { Problem } from '../common/problem.js';
import { MetricsSettings, urlHost } from '../config/settings.js';
import type { Metrics } from './metrics.js';
import { METRICS } from './metrics-provider.js';
import { answerScrape, refusalOf } from './scrape.js';

/** How many scrapers may be connected. */
const MOST_CONNECTIONS = 20;

/** How long a scraper may take over its request, in milliseconds. */
const REQUEST_TIMEOUT = 5_000;

/** `/metrics` on a port of its own, and nothing else there. */
@Injectable()
export class MetricsServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly server = createServer(
    {
      maxHeaderSize: 8 * 1024,
      headersTimeout: REQUEST_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      connectionsCheckingInterval: 1_000,
    },
    (request, response) => void this.answer(request, response),
  );

  constructor(
    @Inject(METRICS) private readonly metrics: Metrics | null,
    private readonly settings: MetricsSettings,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(MetricsServer.name);
    this.server.maxConnections = MOST_CONNECTIONS;
  }

  /** @throws Error if the port can't be had */
  async onApplicationBootstrap(): Promise<void> {
    const { port, host } = this.settings;
    if (port === null) return;
    this.server.listen(port, host);
    await once(this.server, 'listening');
    const address = this.server.address() as { port: number };
    this.logger.info(`Metrics are at http://${urlHost(host)}:${address.port}/metrics`);
  }

  /** Last of all: the shutdown can be watched too. */
  onApplicationShutdown(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    try {
      const isHere = /^\/metrics(\?|$)/.test(request.url ?? '');
      const refusal = refusalOf(request, this.settings.token);
      if (!this.metrics || !isHere) plain(response, 404, 'Not Found');
      else if (!refusal) await answerScrape(this.metrics, response);
      else refuse(response, refusal);
    } catch (error) {
      this.logger.error({ cause: error }, 'metrics not told');
      plain(response, 500, 'Internal error');
    }
  }
}

function refuse(response: ServerResponse, { status, detail, headers }: Problem): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  plain(response, status, detail);
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.end(`${text}\n`);
}
