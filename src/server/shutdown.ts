import type { INestApplication } from '@nestjs/common';
import type { Logger } from 'pino';

/**
 * SIGTERM and SIGINT end the app, from the background work (`onModuleDestroy`) to the requests in flight
 * (`HttpAdapter.close`) and the database; docs/architecture.md has the order.
 */
export function shutDownOnSignals(app: INestApplication): void {
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
}

/** Logs that a signal came, and, once all requests in flight are done, that the process ends. */
export function logShutdown(logger: Logger): void {
  const onSignal = (signal: NodeJS.Signals) => {
    process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
    logger.info(`${signal}: finishing the requests in flight`);
    process.once('exit', () => logger.info('Stopped'));
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
}
