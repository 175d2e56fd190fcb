import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import type { Logger } from 'pino';

declare module 'express-serve-static-core' {
  interface Request {
    /** Names the request in the log, in `X-Request-Id` and in problem details. */
    id: string;
    /** When its headers were there, by `performance.now()`. */
    arrivedAt: number;
    /** The trace it belongs to, where traces are on: 32 hexadecimal digits. */
    traceId?: string;
  }
}

/**
 * Gives every request an id, and one line in the log when it ends: id, method, route, status, ms.
 * The route is the pattern that matched, never the URL: a URL can carry what must not be logged.
 */
export function requestLog(logger: Logger) {
  return (request: Request, response: Response, next: NextFunction): void => {
    request.arrivedAt = performance.now();
    request.id = randomUUID();
    response.setHeader('X-Request-Id', request.id);
    response.once('close', () => {
      const ms = Math.round((performance.now() - request.arrivedAt) * 10) / 10;
      const status = response.writableFinished ? response.statusCode : 499;
      const { id, traceId, method } = request;
      const route = routeOf(request) ?? 'unmatched';
      const trace = traceId !== undefined && { trace_id: traceId };
      logger.info({ request_id: id, ...trace, method, route, status, ms }, 'request');
    });
    next();
  };
}

/** The pattern that matched, once it is known. */
export function routeOf(request: Request): string | undefined {
  return (request.route as { path?: string } | undefined)?.path;
}
