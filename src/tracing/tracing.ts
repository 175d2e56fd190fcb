import {
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import type { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { NextFunction, Request, Response } from 'express';
import { methodWord } from '../http/method-word.js';
import type { Instrument, Work } from '../common/instrumentation.js';
import { describeGroup, describeStatement, fail, endRequest } from './describe-span.js';

/** How long the export of the last spans may take at the end, in milliseconds. */
const FLUSH_TIMEOUT_MS = 1_000;

/** OpenTelemetry's name of a database. */
type DatabaseSystem = 'sqlite' | 'postgresql';

/**
 * Spans of requests, and of what is done for them. They contain the method, the route's pattern and the status of a
 * request, and the verb and tables of a statement: nothing that a client sent, and nothing from the database.
 */
export class Tracing implements Instrument {
  private readonly tracer: Tracer;
  /** Spans of statements whose text is not known yet. */
  private readonly unnamed = new WeakSet<Span>();

  constructor(
    private readonly provider: NodeTracerProvider,
    private readonly database: DatabaseSystem,
    version: string,
  ) {
    this.tracer = provider.getTracer('latchkey', version);
  }

  /** A server span around the request, in the caller's trace if it names one (W3C Trace Context). */
  request(request: Request, response: Response, next: NextFunction): void {
    const method = methodWord(request.method);
    const parent = propagation.extract(ROOT_CONTEXT, request.headers);
    const attributes = { 'http.request.method': method };
    const span = this.tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, parent);
    request.traceId = span.spanContext().traceId;
    response.once('close', () => endRequest(span, request, response));
    // A context is only kept for what has spans in it.
    if (span.isRecording()) context.with(trace.setSpan(parent, span), next);
    else next();
  }

  /**
   * Background work has no span, or the query for due mail alone would be a trace every second;
   * nor has work that outlives the request that began it, such as the watch for long polls.
   */
  async during<T>(work: Work, run: () => Promise<T>): Promise<T> {
    if (work.kind !== 'mail' && !trace.getActiveSpan()?.isRecording()) return run();
    const span = this.begin(work);
    try {
      return await context.with(trace.setSpan(context.active(), span), run);
    } catch (error) {
      fail(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  /** TypeORM is about to run this: the first text that the current span gets is its own. */
  runs(sql: string): void {
    const span = trace.getActiveSpan();
    if (span && this.unnamed.delete(span)) describeStatement(span, sql);
  }

  /** Sends what is left, as far as the collector accepts it in time. */
  async shutdown(): Promise<void> {
    const timeout = new Promise<void>((resolve) => {
      setTimeout(resolve, FLUSH_TIMEOUT_MS);
    });
    await Promise.race([this.provider.shutdown().catch(() => undefined), timeout]);
  }

  private begin(work: Work): Span {
    if (work.kind === 'hash_wait') return this.tracer.startSpan('wait for a core');
    if (work.kind === 'hash') return this.tracer.startSpan('hash password');
    if (work.kind === 'mail') {
      const attributes = { 'latchkey.mail.kind': work.mail };
      return this.tracer.startSpan('send mail', { kind: SpanKind.CLIENT, attributes });
    }
    const attributes = { 'db.system.name': this.database };
    const span = this.tracer.startSpan(this.database, { kind: SpanKind.CLIENT, attributes });
    const [sql] = work.statements;
    if (work.type === 'group') describeGroup(span, work.statements);
    else if (sql === undefined) this.unnamed.add(span);
    else describeStatement(span, sql);
    return span;
  }
}
