import cluster, { type Worker } from 'node:cluster';
import { AggregatorRegistry, type Registry } from 'prom-client';
import { type MetricsList, metricsMessage, type MetricsMessage } from './worker-messages.js';

/** How long a worker may take to report its metrics, in milliseconds. After that its last report counts. */
const PATIENCE_MS = 2_000;

/**
 * The metrics of all workers together, in the process that started them. What a worker that ended had counted is
 * kept: a counter that went down would look like a restart of them all.
 */
export class PrimaryMetrics {
  /** The last report of each worker. */
  private readonly lists = new Map<number, MetricsList>();
  private ended: MetricsList = [];
  private readonly waiting = new Map<string, () => void>();
  private questions = 0;
  private telling: Promise<string> | undefined;

  constructor() {
    cluster.on('message', (worker, message) => this.receive(worker, message));
    cluster.on('exit', (worker) => void this.keepCounted(worker));
  }

  /** In Prometheus's text format. Concurrent scrapes share one collection. */
  text(): Promise<string> {
    this.telling ??= this.gather().finally(() => (this.telling = undefined));
    return this.telling;
  }

  private async gather(): Promise<string> {
    const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
    await Promise.all(workers.map((worker) => this.ask(worker)));
    return sum([...this.lists.values(), this.ended]).metrics();
  }

  private ask(worker: Worker): Promise<void> {
    if (!worker.isConnected()) return Promise.resolve();
    const id = ++this.questions;
    const key = `${worker.id} ${id}`;
    return new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, PATIENCE_MS);
      this.waiting.set(key, () => {
        clearTimeout(timer);
        resolve();
      });
      send(worker, { metrics: 'of-one?', id });
    }).finally(() => this.waiting.delete(key));
  }

  private receive(worker: Worker, received: unknown): void {
    const message = metricsMessage(received);
    if (message?.metrics === 'of-one') {
      this.lists.set(worker.id, message.list);
      this.waiting.get(`${worker.id} ${message.id}`)?.();
    } else if (message?.metrics === 'of-all?') {
      const { id } = message;
      void this.text().then((text) => send(worker, { metrics: 'of-all', id, text }));
    }
  }

  private async keepCounted({ id }: Worker): Promise<void> {
    const counted = (this.lists.get(id) ?? []).filter(({ type }) => isCount(String(type)));
    this.lists.delete(id);
    this.ended = await sum([this.ended, counted]).getMetricsAsJSON();
  }
}

function sum(lists: MetricsList[]): Registry {
  return AggregatorRegistry.aggregate(lists);
}

function isCount(type: string): boolean {
  return type === 'counter' || type === 'histogram';
}

function send(worker: Worker, message: MetricsMessage): void {
  // Its IPC channel may be closing.
  worker.send(message, () => undefined);
}
