import type { Metrics } from './metrics.js';
import { type MetricsMessage, metricsMessage } from './worker-messages.js';

/** How long the primary may take, in milliseconds: longer than it waits for the workers. */
const PATIENCE_MS = 4_000;

const asked = new Map<number, (text: string) => void>();
let questions = 0;

/** Reports its metrics to the process that started this one, on request. */
export function tellPrimary(metrics: Metrics): void {
  process.on('message', (received) => {
    const message = metricsMessage(received);
    if (message?.metrics === 'of-all') asked.get(message.id)?.(message.text);
    if (message?.metrics !== 'of-one?') return;
    const { id } = message;
    void metrics.registry
      .getMetricsAsJSON()
      .then((list) => send({ metrics: 'of-one', id, list: list }));
  });
}

/** The metrics of all workers, for the worker that is scraped. @throws Error if the primary doesn't answer */
export async function metricsOfAll(): Promise<string> {
  const id = ++questions;
  try {
    return await new Promise<string>((resolve, reject) => {
      asked.set(id, resolve);
      setTimeout(() => reject(new Error('The primary does not answer')), PATIENCE_MS).unref();
      send({ metrics: 'of-all?', id });
    });
  } finally {
    asked.delete(id);
  }
}

function send(message: MetricsMessage): void {
  process.send?.(message, undefined, undefined, () => undefined);
}
