import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import type { Tracing } from './tracing.js';
import { TRACING } from './tracing-provider.js';

/** Traces every request, where traces are on. Before the log, which names the trace. */
export function traceRequests(app: NestExpressApplication): void {
  const tracing = app.get<Tracing | null>(TRACING);
  if (!tracing) return;
  app.use((request: Request, response: Response, next: NextFunction) =>
    tracing.request(request, response, next),
  );
}
