import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { methodWord } from '../http/method-word.js';
import { EVENTS, type SecurityEvent } from '../audit/events.js';
import { productVersion } from '../common/version.js';
import type { Instrument, Work } from '../common/instrumentation.js';
import { HashingAborted, HashingQueueFull } from '../crypto/hashing-queue.js';
import { DatabaseUnavailable, FAILURE_KINDS, failureKind } from '../database/database-errors.js';
import { CachedCount } from './cached-count.js';
import {
  LOGIN_OUTCOMES,
  loginOutcome,
  REFRESH_OUTCOMES,
  refreshOutcome,
  SESSION_ENDS,
  sessionEnd,
} from './outcomes.js';

/** What is looked up when the metrics are scraped. */
export interface Gauges {
  hashesWaiting: () => number;
  hashesRunning: () => number;
  liveSessions: () => Promise<number>;
  mailsWaiting: () => Promise<number>;
}

/** Seconds. From an SQLite query to a long poll of 25 s. */
const REQUEST_BUCKETS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];
const DATABASE_BUCKETS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5,
];
const HASH_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5];

/** The metrics of this process. Every label has a fixed set of values, none of which comes from a request. */
export class Metrics implements Instrument {
  readonly registry = new Registry();

  private telling: Promise<string> | undefined;

  private readonly logins = this.counter('logins_total', 'Logins by outcome.', ['outcome']);
  private readonly refreshes = this.counter('refreshes_total', 'Refreshes by outcome.', [
    'outcome',
  ]);
  private readonly ended = this.counter('sessions_ended_total', 'Sessions that were ended.', [
    'reason',
  ]);
  private readonly events = this.counter('security_events_total', 'Security events.', ['event']);
  private readonly requests = this.counter('http_requests_total', 'HTTP requests.', [
    'method',
    'route',
    'status',
  ]);
  private readonly requestTimes = this.histogram(
    'http_request_duration_seconds',
    'How long HTTP requests took.',
    ['method', 'route'],
    REQUEST_BUCKETS,
  );
  private readonly hashWaits = this.histogram(
    'hash_wait_seconds',
    'How long a password waited for its turn to be hashed.',
    [],
    HASH_BUCKETS,
  );
  private readonly hashTimes = this.histogram(
    'hash_duration_seconds',
    'How long hashing took.',
    [],
    HASH_BUCKETS,
  );
  private readonly hashRefusals = this.counter(
    'hash_refusals_total',
    'Passwords that did not get their turn.',
    ['reason'],
  );
  private readonly statementTimes = this.histogram(
    'database_duration_seconds',
    'How long the database took, waits for a lock included.',
    ['type'],
    DATABASE_BUCKETS,
  );
  private readonly databaseFailures = this.counter(
    'database_failures_total',
    'What the database did not do.',
    ['kind'],
  );
  private readonly mails = this.counter('mail_attempts_total', 'Attempts to send a message.', [
    'outcome',
  ]);

  constructor(gauges: Gauges) {
    collectDefaultMetrics({ register: this.registry });
    this.gauge('hash_queue_depth', 'Passwords that wait.', gauges.hashesWaiting);
    this.gauge('hashes_running', 'Passwords that are being hashed.', gauges.hashesRunning);
    this.count('sessions_live', 'Sessions that go on.', gauges.liveSessions);
    this.count('mail_outbox_messages', 'Messages to be sent.', gauges.mailsWaiting);
    new Gauge({
      name: 'latchkey_build_info',
      help: 'The version, as a label; always 1.',
      labelNames: ['version'],
      registers: [this.registry],
      aggregator: 'first',
    }).set({ version: productVersion() }, 1);
    this.beginAtZero();
  }

  /** The metrics in Prometheus's text format. Concurrent scrapes share one collection. */
  text(): Promise<string> {
    this.telling ??= this.registry.metrics().finally(() => (this.telling = undefined));
    return this.telling;
  }

  happened(event: SecurityEvent, reason: string | undefined): void {
    // What has no line in the log is not counted as an event.
    if (EVENTS[event].log) this.events.inc({ event });
    const login = loginOutcome(event, reason);
    if (login) this.logins.inc({ outcome: login });
    const refresh = refreshOutcome(event, reason);
    if (refresh !== undefined) this.refreshes.inc({ outcome: refresh });
    const end = sessionEnd(event, reason);
    if (end !== undefined) this.ended.inc({ reason: end });
  }

  async during<T>(work: Work, run: () => Promise<T>): Promise<T> {
    const begin = performance.now();
    try {
      const result = await run();
      this.finished(work, begin);
      return result;
    } catch (error) {
      this.finished(work, begin, error);
      throw error;
    }
  }

  /** @param duration milliseconds */
  requested(method: string, route: string, status: number, duration: number): void {
    const labels = { method: methodWord(method), route };
    this.requests.inc({ ...labels, status });
    this.requestTimes.observe(labels, duration / 1000);
  }

  private finished(work: Work, begin: number, error?: unknown): void {
    const seconds = (performance.now() - begin) / 1000;
    if (work.kind === 'database') {
      this.statementTimes.observe({ type: work.type }, seconds);
      // A refusal, or a name that is taken, is not a failure.
      if (error instanceof DatabaseUnavailable) {
        this.databaseFailures.inc({ kind: failureKind(error.cause) });
      }
    } else if (work.kind === 'hash') this.hashTimes.observe(seconds);
    else if (work.kind === 'mail') this.mails.inc({ outcome: error ? 'failed' : 'sent' });
    else if (error instanceof HashingQueueFull) this.hashRefusals.inc({ reason: 'full' });
    else if (error instanceof HashingAborted) this.hashRefusals.inc({ reason: 'aborted' });
    else this.hashWaits.observe(seconds);
  }

  /** What has not happened yet is 0: a rate needs a number to begin with. */
  private beginAtZero(): void {
    for (const outcome of LOGIN_OUTCOMES) this.logins.inc({ outcome }, 0);
    for (const outcome of REFRESH_OUTCOMES) this.refreshes.inc({ outcome }, 0);
    for (const reason of SESSION_ENDS) this.ended.inc({ reason }, 0);
    for (const reason of ['full', 'aborted']) this.hashRefusals.inc({ reason }, 0);
    for (const outcome of ['sent', 'failed']) this.mails.inc({ outcome }, 0);
    for (const kind of FAILURE_KINDS) this.databaseFailures.inc({ kind }, 0);
  }

  private counter(name: string, help: string, labelNames: string[]): Counter {
    const registers = [this.registry];
    return new Counter({ name: `latchkey_${name}`, help, labelNames, registers });
  }

  private histogram(name: string, help: string, labelNames: string[], buckets: number[]) {
    const registers = [this.registry];
    return new Histogram({ name: `latchkey_${name}`, help, labelNames, buckets, registers });
  }

  private gauge(name: string, help: string, look: () => number): void {
    const registers = [this.registry];
    const gauge: Gauge = new Gauge({
      name: `latchkey_${name}`,
      help,
      registers,
      collect: () => gauge.set(look()),
    });
  }

  /** A number from the database, the same for all processes on it. */
  private count(name: string, help: string, count: () => Promise<number>): void {
    const cached = new CachedCount(count);
    const gauge: Gauge = new Gauge({
      name: `latchkey_${name}`,
      help,
      registers: [this.registry],
      aggregator: 'max',
      collect: async () => {
        const value = await cached.get();
        if (value === undefined) gauge.remove();
        else gauge.set(value);
      },
    });
  }
}
