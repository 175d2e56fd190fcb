import type { NextFunction, Request, Response } from 'express';
import { routeOf } from '../http/request-log.js';
import type { Metrics } from './metrics.js';

/** Counts and times every request by the pattern that matched, never by its URL. */
export function requestMetrics(metrics: Metrics) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const begin = performance.now();
    response.once('close', () => {
      // As in the log: 499 is a client that disconnected first.
      const status = response.writableFinished ? response.statusCode : 499;
      const route = routeOf(request) ?? 'unmatched';
      metrics.requested(request.method, route, status, performance.now() - begin);
    });
    next();
  };
}
