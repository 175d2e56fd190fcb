import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { processLogger } from './logger-options.js';
import { logShutdown } from './shutdown.js';
import { parseEnv, readEnvironment } from '../config/config.module.js';
import { MetricsSettings } from '../config/settings.js';

/** A worker that lives this long has started well, in milliseconds. */
const LONG_ENOUGH_MS = 10_000;

/** The longest pause before a worker is replaced, in milliseconds, where one after the other crashes at once. */
const LONGEST_PAUSE_MS = 30_000;

/** How long workers may take to finish what is in flight, in milliseconds; normally they take less. */
const LONGEST_DRAIN_MS = 9_800;

/**
 * Runs workers that share one port, and keeps their number constant. They start side by side: the lock of the database
 * settles which of them migrates it. This process keeps no connection to the database; when it ends, for whatever
 * reason, its workers end too.
 * @param notices what to log once all are listening
 * @throws ConfigError, here, for what each of them would report
 */
export async function supervise(count: number, notices: string[]): Promise<void> {
  const env = parseEnv(readEnvironment());
  const logger = await processLogger(env.LOG_LEVEL);
  const ending = new AbortController();
  replaceTheDead(logger, ending.signal);
  endTogether(ending);
  logShutdown(logger);
  await tellMetrics(new MetricsSettings(env), logger);
  const workers = Array.from({ length: count }, () => cluster.fork());
  await Promise.all(workers.map(untilListening));
  liveWorkers()[0]?.send({ notices });
}

/** Serves the metrics of all workers; otherwise a scrape would get those of one. @throws Error for a port in use */
async function tellMetrics(settings: MetricsSettings, logger: Logger): Promise<void> {
  if (!settings.isOn) return;
  const { openMetricsListener } = await import('../metrics/metrics-listener.js');
  const { PrimaryMetrics } = await import('../metrics/primary-metrics.js');
  const metrics = new PrimaryMetrics();
  await openMetricsListener(settings, () => metrics.text(), logger);
}

/** A start that fails ends the whole service: its status is passed on, and it has reported what is wrong. */
async function untilListening(worker: Worker): Promise<void> {
  const failed = (status: number | null) => process.exit(status ?? 1);
  worker.once('exit', failed);
  await once(worker, 'listening');
  worker.off('exit', failed);
}

function replaceTheDead(logger: Logger, ending: AbortSignal): void {
  const begins = new Map<number, number>();
  const handed = connectionsHandedOver();
  let early = 0;
  cluster.on('fork', ({ id }) => begins.set(id, performance.now()));
  cluster.on('exit', ({ id }, status, signal) => {
    if (ending.aborted) return;
    handed.get(id)?.close();
    handed.delete(id);
    const age = performance.now() - (begins.get(id) ?? 0);
    begins.delete(id);
    early = age < LONG_ENOUGH_MS ? early + 1 : 0;
    const pause = early === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, 250 * 2 ** early);
    logger.error({ worker: id, status, signal, pause }, 'a worker ended; another takes its place');
    void sleep(pause, undefined, { signal: ending }).then(
      () => cluster.fork(),
      () => undefined,
    );
  });
}

/**
 * The connection that each worker was handed last, by its number. Node forgets one that is on its way to a worker that
 * dies, and never closes it: the client waits until it times out. Closing one that did arrive has no effect.
 */
function connectionsHandedOver(): Map<number, Handle> {
  const handed = new Map<number, Handle>();
  const watch = ({ id, process: child }: Worker) => {
    const send = child.send.bind(child) as (...args: unknown[]) => boolean;
    child.send = (...args: unknown[]) => {
      if (args[1] instanceof Object && 'close' in args[1]) handed.set(id, args[1] as Handle);
      return send(...args);
    };
  };
  liveWorkers().forEach(watch);
  cluster.on('fork', watch);
  return handed;
}

interface Handle {
  close(): void;
}

/** Stops the workers, and ends with the last of them: with 0 if each finished what was in flight. */
function endTogether(ending: AbortController): void {
  let status = 0;
  const end = (signal: NodeJS.Signals) => {
    if (ending.signal.aborted) return;
    ending.abort();
    for (const worker of liveWorkers()) worker.process.kill(signal);
    setTimeout(
      () => liveWorkers().forEach(({ process }) => process.kill('SIGKILL')),
      LONGEST_DRAIN_MS,
    );
    if (liveWorkers().length === 0) process.exit(status);
  };
  process.on('SIGTERM', end).on('SIGINT', end);
  cluster.on('exit', (_worker, code, signal) => {
    if (!ending.signal.aborted) return;
    // One that was just being started does not handle the signal yet, and dies of it.
    if (code !== 0 && !['SIGTERM', 'SIGINT'].includes(signal)) status = 1;
    if (liveWorkers().length === 0) process.exit(status);
  });
}

function liveWorkers(): Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
}
