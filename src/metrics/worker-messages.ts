import type { MetricObjectWithValues, MetricValue } from 'prom-client';

/** What prom-client can add up: the metrics of one process. */
export type MetricsList = MetricObjectWithValues<MetricValue<string>>[];

/** Between the workers and the process that started them. `metrics` is the type of message, `id` the request. */
export type MetricsMessage =
  | { metrics: 'of-one?'; id: number }
  | { metrics: 'of-one'; id: number; list: MetricsList }
  | { metrics: 'of-all?'; id: number }
  | { metrics: 'of-all'; id: number; text: string };

/** @returns undefined for a message about something else */
export function metricsMessage(message: unknown): MetricsMessage | undefined {
  const isOurs = typeof message === 'object' && message !== null && 'metrics' in message;
  return isOurs ? (message as MetricsMessage) : undefined;
}
