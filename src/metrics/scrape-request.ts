import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Problem } from '../http/problem.js';
import { MethodNotAllowed } from '../http/request-errors.js';

/** Returns the metrics in Prometheus's text format. */
export type TellMetrics = () => Promise<string>;

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

class MetricsTokenRequired extends Problem {
  constructor() {
    const detail = 'Metrics need METRICS_TOKEN as a bearer token';
    const headers = { 'WWW-Authenticate': 'Bearer' };
    super({ status: 401, code: 'not_authenticated', detail, headers });
  }
}

/**
 * Why a scrape is refused; undefined if it isn't.
 * @param token what has to be sent; null requires nothing
 */
export function refusalOf(request: IncomingMessage, token: string | null): Problem | undefined {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return new MethodNotAllowed(['GET', 'HEAD']);
  }
  if (token === null || isBearer(request.headers.authorization, token)) return undefined;
  return new MetricsTokenRequired();
}

/** Answers with the metrics, in Prometheus's text format. */
export async function answerScrape(tell: TellMetrics, response: ServerResponse): Promise<void> {
  const text = await tell();
  response.setHeader('Content-Type', CONTENT_TYPE);
  response.end(text);
}

/** Compares digests, which have equal length, so that the time reveals nothing about the token. */
function isBearer(header: string | undefined, token: string): boolean {
  const [, sent] = /^bearer +(\S+)$/i.exec(header ?? '') ?? [];
  return timingSafeEqual(digest(sent ?? ''), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
