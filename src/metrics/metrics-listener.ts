import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Problem } from '../http/problem.js';
import { type MetricsSettings, urlHost } from '../config/settings.js';
import { answerScrape, refusalOf, type TellMetrics } from './scrape-request.js';

/** How many scrapers may be connected. */
const MOST_CONNECTIONS = 20;

/** How long a scraper may take to send its request, in milliseconds. */
const REQUEST_TIMEOUT_MS = 5_000;

const LIMITS = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: REQUEST_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  connectionsCheckingInterval: 1_000,
};

interface Log {
  info(text: string): void;
  error(facts: object, text: string): void;
}

/**
 * Serves `/metrics`, and nothing else, on a port of its own.
 * @returns undefined where no port is configured
 * @throws Error if the port is not available
 */
export async function openMetricsListener(
  { token, port, host }: Pick<MetricsSettings, 'token' | 'port' | 'host'>,
  tell: TellMetrics,
  log: Log,
): Promise<Server | undefined> {
  if (port === null) return undefined;
  const server = createServer(LIMITS, (request, response) => {
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    const isHere = /^\/metrics(\?|$)/.test(request.url ?? '');
    const refusal = refusalOf(request, token);
    if (!isHere) {
      plain(response, 404, 'Not Found');
    } else if (refusal) {
      refuse(response, refusal);
    } else {
      answerScrape(tell, response).catch((error: unknown) => {
        log.error({ cause: error }, 'metrics not served');
        plain(response, 500, 'Internal error');
      });
    }
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address() as { port: number };
  log.info(`Metrics are at http://${urlHost(host)}:${address.port}/metrics`);
  return server;
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
