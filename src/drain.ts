import type { Server } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';

/** How long requests in flight may take once the shutdown has begun, in milliseconds. */
const DRAIN_TIMEOUT = 9_000;

/**
 * On SIGTERM Nest stops accepting and waits for what is in flight. This bounds the wait, so that a
 * client which never finishes its request does not hold the process.
 */
export function drainOnShutdown(app: NestExpressApplication): void {
  const server: Server = app.getHttpServer();
  const close = server.close.bind(server);
  server.close = (callback) => {
    setTimeout(() => server.closeAllConnections(), DRAIN_TIMEOUT).unref();
    return close(callback);
  };
}
