import type { Provider } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource } from 'typeorm';
import { Instrumentation } from '../common/instrumentation.js';
import { DatabaseSettings, TracingSettings } from '../config/settings.js';
import type { Tracing } from './tracing.js';

/** The token of `Tracing`, which is null where traces are off: then nothing of OpenTelemetry is loaded. */
export const TRACING = Symbol('tracing');

export const tracingProvider: Provider = {
  provide: TRACING,
  inject: [TracingSettings, DatabaseSettings, getDataSourceToken(), Instrumentation, PinoLogger],
  useFactory: async (
    { isOn, unsupported }: TracingSettings,
    { target }: DatabaseSettings,
    dataSource: DataSource,
    instrumentation: Instrumentation,
    logger: PinoLogger,
  ): Promise<Tracing | null> => {
    logger.setContext('Tracing');
    if (unsupported !== null)
      logger.warn(`No traces are sent: ${unsupported} asks for another way`);
    if (!isOn) return null;
    const { startTracing } = await import('./start-tracing.js');
    const tracing = startTracing(target.type === 'sqlite' ? 'sqlite' : 'postgresql', (error) => {
      // Only its code: the message can contain the collector's URL.
      const { code } = error as { code?: unknown };
      logger.warn({ code }, 'traces not delivered; this is said once');
    });
    instrumentation.add(tracing);
    dataSource.subscribers.push({ beforeQuery: ({ query }) => tracing.runs(query) });
    logger.info('Traces are sent');
    return tracing;
  },
};
