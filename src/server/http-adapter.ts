import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';
import { setImmediate as nextLoop } from 'node:timers/promises';
import { ExpressAdapter } from '@nestjs/platform-express';
import express, { type Express, type Request, type Response } from 'express';
import { ConnectionLimit } from './connection-limit.js';

/** The largest header section, in bytes; Node answers 431 to more. */
export const LARGEST_HEADER_BYTES = 8 * 1024;

/** How long a client may take to send its headers, and a whole request, in milliseconds. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;

/** How long requests in flight may take once the shutdown has begun, in milliseconds. */
const DRAIN_TIMEOUT_MS = 8_000;

/** How long a connection may be idle between two requests, in milliseconds: longer than a proxy keeps one. */
const KEEP_ALIVE_TIMEOUT_MS = 5_000;

/** Express on a server with limits, and with paths compared exactly. */
export class HttpAdapter extends ExpressAdapter {
  /**
   * Whether the shutdown leaves idle connections to the client. A proxy that sends a POST on one just as it is closed
   * cannot know whether it was processed, and has to fail it. So where other instances take over, each may be used once
   * more, which ends it, until the proxy or the keep-alive timeout does; elsewhere that would only be a longer gap.
   */
  leavesIdleConnections = false;
  readonly connections = new ConnectionLimit();
  private readonly messages: ReturnType<typeof expressMessageClasses>;

  constructor() {
    const instance = express();
    // Read when the first middleware makes the router, so before Nest adds its own.
    instance.enable('case sensitive routing');
    instance.disable('x-powered-by');
    instance.disable('etag');
    super(instance);
    this.messages = expressMessageClasses(instance);
  }

  override initHttpServer(): void {
    const options = {
      ...this.messages,
      maxHeaderSize: LARGEST_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      connectionsCheckingInterval: 1_000,
    };
    const handle = this.getInstance<Express>();
    const listener = (request: IncomingMessage, response: ServerResponse) => {
      // A client that keeps its connection busy would otherwise never see the shutdown.
      if (!server.listening) response.shouldKeepAlive = false;
      this.connections.begin(request, response);
      request.url = originForm(String(request.url));
      handle(request, response);
    };
    const server = createServer(options, listener);
    // Node would answer an unknown expectation itself; a server may ignore it (RFC 9110 §10.1.1).
    server.on('checkExpectation', listener);
    // Bounded by their size already; past a count, Node would drop headers silently.
    server.maxHeadersCount = 0;
    this.connections.watch(server);
    this.httpServer = server;
  }

  /** Stops accepting, and waits for what is in flight, but not for a client that never finishes. */
  override async close(): Promise<void> {
    const server = this.getHttpServer() as Server;
    setTimeout(() => server.closeAllConnections(), DRAIN_TIMEOUT_MS).unref();
    await untilNoneWaits(server);
    // The server's own close() would close idle connections too.
    const closed = new Promise((resolve) => NetServer.prototype.close.call(server, resolve));
    if (!this.leavesIdleConnections) server.closeIdleConnections();
    await closed;
  }
}

/**
 * Resolves just after a poll of the sockets that took no time and found no new connection: one that still waits to be
 * accepted is reset with the listener, and a proxy may have sent a POST on it.
 */
async function untilNoneWaits(server: Server): Promise<void> {
  let isQuiet = false;
  const disturb = () => (isQuiet = false);
  server.on('connection', disturb);
  await nextLoop();
  for (let looks = 0; looks < 100 && !isQuiet; looks++) {
    const begin = performance.now();
    isQuiet = true;
    await nextLoop();
    if (performance.now() - begin > 1) isQuiet = false;
  }
  server.off('connection', disturb);
}

/**
 * Express gives every request and response a new prototype after Node has made them, which costs V8 more
 * than all the rest of a request together (docs/performance.md). So Node makes them with it from the start,
 * and what Express sets is already there.
 */
function expressMessageClasses(instance: Express) {
  class ExpressRequest extends IncomingMessage {}
  class ExpressResponse extends ServerResponse {}
  Object.setPrototypeOf(ExpressRequest.prototype, instance.request);
  Object.setPrototypeOf(ExpressResponse.prototype, instance.response);
  instance.request = ExpressRequest.prototype as Request;
  instance.response = ExpressResponse.prototype as Response;
  return { IncomingMessage: ExpressRequest, ServerResponse: ExpressResponse };
}

/**
 * The request target as path and query: a server takes the absolute form too (RFC 9112 §3.2.2). A `#` has no
 * place in a target, and would make Express read it with Node's legacy URL parser, which turns `\` into `/`.
 */
function originForm(target: string): string {
  const path = target.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '').replaceAll('#', '%23');
  return /^[/*]/.test(path) ? path : `/${path}`;
}
