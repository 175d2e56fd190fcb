import cluster from 'node:cluster';
import type { LoggerService } from '@nestjs/common';
import type { Logger as NestLogger, Params } from 'nestjs-pino';
import {
  pino,
  stdSerializers,
  type DestinationStream,
  type LevelWithSilent,
  type Logger,
} from 'pino';
import { messageOf } from '../common/error-message.js';
import { logText } from '../common/log-text.js';

/**
 * The one logger: one JSON object per line on standard output, pretty in a terminal. nestjs-pino's own
 * request logging is off (`forRoutes: []`): `requestLog` logs the same in a tenth of the time.
 */
export async function loggerOptions(level: LevelWithSilent): Promise<Params> {
  return {
    forRoutes: [],
    pinoHttp: [{ ...lineOptions(level), autoLogging: false }, await destination()],
  };
}

/** The same log for a process that is not a Nest application. */
export async function processLogger(level: LevelWithSilent): Promise<Logger> {
  return pino(lineOptions(level), await destination());
}

/** Where several processes write one log, each line says which one wrote it. */
function lineOptions(level: LevelWithSilent) {
  const base = cluster.worker ? { worker: cluster.worker.id } : undefined;
  return { level, base, serializers: { cause: serializeError } };
}

/** Nest's own messages, without the inventory it logs at every start. */
export function frameworkLogger(logger: NestLogger): LoggerService {
  return {
    log: () => undefined,
    warn: (message: unknown, ...rest: unknown[]) => logger.warn(message, ...rest),
    error: (message: unknown, ...rest: unknown[]) => logger.error(message, ...rest),
    fatal: (message: unknown, ...rest: unknown[]) => logger.fatal(message, ...rest),
  };
}

async function destination(): Promise<DestinationStream> {
  if (process.stdout.isTTY) {
    const { default: pretty } = await import('pino-pretty');
    return pretty({ sync: true, singleLine: true, ignore: 'pid,hostname,context' });
  }
  const output = pino.destination({ fd: 1, sync: true });
  let isBroken = false;
  // A log that can't be written (a full disk) must not end the service that writes it; nor may the warning,
  // where standard error goes to the same disk.
  process.stderr.on('error', () => undefined);
  output.on('error', (error: Error) => {
    if (!isBroken) process.stderr.write(`The log can't be written: ${error.message}\n`);
    isBroken = true;
  });
  return output;
}

/**
 * An error for the log: its kind, code, message and the head of its stack, as lines. Not its other
 * members: a database error carries the statement's parameters, and so a password's hash.
 */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error === undefined ? undefined : typeof error;
  const { stack } = stdSerializers.err(error);
  const frames = stack.split('\n').filter((line) => line.trimStart().startsWith('at '));
  return {
    type: error.name,
    code: (error as { code?: unknown }).code,
    message: logText(messageOf(error)),
    stack: frames.slice(0, 12).map((line) => logText(line.trim())),
  };
}
