import cluster from 'node:cluster';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { MetricsSettings } from '../config/settings.js';
import type { Metrics } from './metrics.js';
import { METRICS } from './metrics-provider.js';
import { requestMetrics } from './request-metrics.js';
import { answerScrape, refusalOf } from './scrape-request.js';
import { metricsOfAll } from './worker-metrics.js';

/** Has every request counted, where metrics are on. */
export function countRequests(app: NestExpressApplication): void {
  const metrics = app.get<Metrics | null>(METRICS);
  if (metrics) app.use(requestMetrics(metrics));
}

/** `/metrics` on the main port: where there is a token, and no separate port. Any of several workers reports all. */
export function serveMetrics(app: NestExpressApplication): void {
  const metrics = app.get<Metrics | null>(METRICS);
  const { token, port } = app.get(MetricsSettings);
  if (!metrics || token === null || port !== null) return;
  const tell = cluster.isWorker ? metricsOfAll : () => metrics.text();
  const express = app.getHttpAdapter().getInstance();
  express.all('/metrics', (request: Request, response: Response, next: NextFunction) => {
    const refusal = refusalOf(request, token);
    if (refusal) next(refusal);
    else answerScrape(tell, response).catch(next);
  });
}
