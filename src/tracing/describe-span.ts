import { type Span, SpanStatusCode } from '@opentelemetry/api';
import type { Request, Response } from 'express';
import { methodWord } from '../http/method-word.js';
import { Problem } from '../http/problem.js';
import { routeOf } from '../http/request-log.js';
import { DatabaseUnavailable, failureKind } from '../database/database-errors.js';

// The names are those of OpenTelemetry's stable semantic conventions for HTTP and databases.

/** The request has been answered, or its client has gone: the outcome. */
export function endRequest(span: Span, request: Request, response: Response): void {
  const route = routeOf(request);
  if (route !== undefined) {
    span.updateName(`${methodWord(request.method)} ${route}`);
    span.setAttribute('http.route', route);
  }
  if (!response.writableFinished) {
    span.setAttribute('error.type', 'client_closed_request');
  } else {
    const { statusCode } = response;
    span.setAttribute('http.response.status_code', statusCode);
    if (statusCode >= 500) failWith(span, String(statusCode));
  }
  span.end();
}

/** The work has thrown. Without the message, which can contain values. */
export function fail(span: Span, error: unknown): void {
  // A refusal is not an error.
  if (error instanceof Problem && error.status < 500) return;
  if (error instanceof DatabaseUnavailable) failWith(span, failureKind(error.cause));
  else failWith(span, error instanceof Error ? error.constructor.name : typeof error);
}

function failWith(span: Span, type: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** The verb and the tables. Not the text: TypeORM writes numbers, ids among them, into SQLite's statements. */
export function describeStatement(span: Span, sql: string): void {
  const operation = operationOf(sql);
  const tables = tablesOf(sql);
  const summary = [operation, ...tables].join(' ');
  span.updateName(summary);
  span.setAttributes({ 'db.operation.name': operation, 'db.query.summary': summary });
  if (tables.length === 1) span.setAttribute('db.collection.name', String(tables[0]));
}

/** Several statements that are one transaction. */
export function describeGroup(span: Span, statements: readonly string[]): void {
  const parts = statements.map((sql) => [operationOf(sql), ...tablesOf(sql)].join(' '));
  const summary = parts.join('; ');
  span.updateName('TRANSACTION');
  span.setAttributes({
    'db.operation.name': 'TRANSACTION',
    'db.operation.batch.size': statements.length,
    'db.query.summary': summary,
  });
}

function operationOf(sql: string): string {
  return /^\s*(\w+)/.exec(sql)?.[1]?.toUpperCase() ?? 'SQL';
}

function tablesOf(sql: string): string[] {
  const names = sql.matchAll(/\b(?:FROM|INTO|(?<!DO )UPDATE|JOIN) +"?(\w+)"?/gi);
  return [...new Set([...names].map(([, name]) => String(name)))];
}
