import type { Logger } from 'pino';

/** Logs that a signal came, and, when all that was in flight is done, that the process ends. */
export function tellOfTheEnd(logger: Logger): void {
  const tell = (signal: NodeJS.Signals) => {
    process.off('SIGTERM', tell).off('SIGINT', tell);
    logger.info(`${signal}: finishing the requests in flight`);
    process.once('exit', () => logger.info('Stopped'));
  };
  process.on('SIGTERM', tell).on('SIGINT', tell);
}
