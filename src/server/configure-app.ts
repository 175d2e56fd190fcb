import type { NestExpressApplication } from '@nestjs/platform-express';
import cors from 'cors';
import type { NextFunction, Request, Response } from 'express';
import helmet from 'helmet';
import { Logger, PinoLogger } from 'nestjs-pino';
import { frameworkLogger } from './logger-options.js';
import { TemporarilyUnavailable } from '../http/problem.js';
import { EncodedContent, HeaderFieldsTooLarge } from '../http/request-errors.js';
import { requestLog } from '../http/request-log.js';
import { shutDownOnSignals } from './shutdown.js';
import { turnstile } from './turnstile.js';
import { DatabaseSettings, HttpSettings } from '../config/settings.js';
import { type HttpAdapter, LARGEST_HEADER_BYTES } from './http-adapter.js';
import type { ConnectionLimit } from './connection-limit.js';
import { serveDocs } from './serve-docs.js';
import { countRequests, serveMetrics } from '../metrics/metrics-route.js';
import { traceRequests } from '../tracing/trace-requests.js';

/** Everything between the socket and the controllers; the app in tests uses it too. */
export function configureApp(app: NestExpressApplication): void {
  const settings = app.get(HttpSettings);
  app.useLogger(frameworkLogger(app.get(Logger)));
  const adapter = app.getHttpAdapter() as HttpAdapter;
  adapter.connections.most = settings.maxConnections;
  app.set('trust proxy', [...settings.trustedProxies]);
  adapter.leavesIdleConnections =
    settings.trustedProxies.length > 0 && app.get(DatabaseSettings).target.type === 'postgres';
  traceRequests(app);
  app.use(requestLog(PinoLogger.root));
  countRequests(app);
  app.use(turnstile(isCostly));
  app.use(apiHeaders());
  app.use(allowOrigins(settings.corsOrigins));
  app.use(refuseSurplus(adapter.connections));
  app.use(refuseLargeHeaders);
  app.use(refuseContentEncoding);
  if (settings.docsEnabled) serveDocs(app);
  serveMetrics(app);
  shutDownOnSignals(app);
}

/** The targets of a flood: a password is hashed, or mail is sent. */
function isCostly({ method, path }: Request): boolean {
  return method === 'POST' && /^\/(token|users|password-reset|email-verification)\b/.test(path);
}

/** What OWASP's REST Security Cheat Sheet requires of responses that are not pages. */
function apiHeaders() {
  const secure = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    xFrameOptions: { action: 'deny' },
    // Whether subdomains of this host use TLS is not for this service to decide.
    strictTransportSecurity: { includeSubDomains: false },
    crossOriginOpenerPolicy: false,
    crossOriginResourcePolicy: false,
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  });
  return (request: Request, response: Response, next: NextFunction): void => {
    response.setHeader('Cache-Control', 'no-store');
    secure(request, response, next);
  };
}

/** CORS for the permitted origins; for any other, OPTIONS included, the service behaves as without it. */
function allowOrigins(origins: readonly string[]) {
  const allow = cors({
    origin: true,
    methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type'],
    exposedHeaders: ['Retry-After', 'WWW-Authenticate', 'X-Request-Id'],
    maxAge: 600,
  });
  const permitted = new Set(origins);
  return (request: Request, response: Response, next: NextFunction): void => {
    if (permitted.size > 0) response.vary('Origin');
    if (permitted.has(request.headers.origin ?? '')) allow(request, response, next);
    else next();
  };
}

/** A load balancer still gets the health of the service when every connection is in use. */
function refuseSurplus(connections: ConnectionLimit) {
  return (request: Request, response: Response, next: NextFunction): void => {
    if (!connections.isSurplus(request.socket)) {
      next();
      return;
    }
    response.shouldKeepAlive = false;
    if (request.path.startsWith('/health/')) next();
    else next(new TemporarilyUnavailable('Too many connections; try again', 1));
  };
}

/** Node's own limit counts names and values, and so lets a section of many short headers grow past it. */
function refuseLargeHeaders(request: Request, _response: Response, next: NextFunction): void {
  let size = 0;
  // A name and a value each take two more bytes: ": " and the line ending.
  for (const text of request.rawHeaders) size += text.length + 2;
  if (size <= LARGEST_HEADER_BYTES) next();
  else next(new HeaderFieldsTooLarge());
}

function refuseContentEncoding(request: Request, _response: Response, next: NextFunction): void {
  const encoding = request.headers['content-encoding'];
  if (encoding === undefined || /^(identity)?$/i.test(encoding.trim())) next();
  else next(new EncodedContent());
}
