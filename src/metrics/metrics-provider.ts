import type { Provider } from '@nestjs/common';
import { Instrumentation } from '../common/instrumentation.js';
import { MetricsSettings } from '../config/settings.js';
import { HashingQueue } from '../crypto/hashing-queue.js';
import { Outbox } from '../mail/outbox.service.js';
import { LiveSessions } from '../sessions/live-sessions.service.js';
import type { Metrics } from './metrics.js';

/** The token of `Metrics`, which is null where they are off: then nothing is loaded that only they need. */
export const METRICS = Symbol('metrics');

export const metricsProvider: Provider = {
  provide: METRICS,
  inject: [MetricsSettings, Instrumentation, HashingQueue, LiveSessions, Outbox],
  useFactory: async (
    { isOn }: MetricsSettings,
    instrumentation: Instrumentation,
    hashes: HashingQueue,
    sessions: LiveSessions,
    outbox: Outbox,
  ): Promise<Metrics | null> => {
    if (!isOn) return null;
    const { Metrics } = await import('./metrics.js');
    const metrics = new Metrics({
      hashesWaiting: () => hashes.depth,
      hashesRunning: () => hashes.active,
      liveSessions: () => sessions.count(),
      mailsWaiting: () => outbox.count(),
    });
    instrumentation.add(metrics);
    return metrics;
  },
};
