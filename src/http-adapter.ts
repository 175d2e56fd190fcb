import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ExpressAdapter } from '@nestjs/platform-express';
import express, { type Express, type Request, type Response } from 'express';

/** The largest header section, in bytes; Node answers 431 to more. */
export const LARGEST_HEADER = 8 * 1024;

/** How long a client may take over its headers, and over a whole request, in milliseconds. */
const HEADERS_TIMEOUT = 10_000;
const REQUEST_TIMEOUT = 15_000;

/** How long requests in flight may take once the shutdown has begun, in milliseconds. */
const DRAIN_TIMEOUT = 9_000;

/** Express on a server with limits, and with paths compared exactly. */
export class HttpAdapter extends ExpressAdapter {
  private readonly messages: ReturnType<typeof bearExpressMessages>;

  constructor() {
    const instance = express();
    // Read when the first middleware makes the router, so before Nest adds its own.
    instance.enable('case sensitive routing');
    instance.disable('x-powered-by');
    instance.disable('etag');
    super(instance);
    this.messages = bearExpressMessages(instance);
  }

  override initHttpServer(): void {
    const options = {
      ...this.messages,
      maxHeaderSize: LARGEST_HEADER,
      headersTimeout: HEADERS_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      connectionsCheckingInterval: 1_000,
    };
    const handle = this.getInstance<Express>();
    const listener = (request: IncomingMessage, response: ServerResponse) => {
      // A client that keeps its connection busy would otherwise never see the shutdown.
      if (!server.listening) response.shouldKeepAlive = false;
      request.url = originForm(String(request.url));
      handle(request, response);
    };
    const server = createServer(options, listener);
    // An expectation that Node does not know it would answer by itself; a server may ignore it (RFC 9110 §10.1.1).
    server.on('checkExpectation', listener);
    // Bounded by their size already; past a count, Node would drop headers silently.
    server.maxHeadersCount = 0;
    this.httpServer = server;
  }

  /**
   * Closes a connection at once that is one too many. Not Node's own `maxConnections`: a worker that is full would have
   * its primary hand the connection round and round.
   */
  limitConnections(most: number): void {
    let open = 0;
    (this.getHttpServer() as Server).on('connection', (socket: Socket) => {
      if (open >= most) {
        socket.destroy();
        return;
      }
      open++;
      socket.once('close', () => open--);
    });
  }

  /** Stops accepting, and waits for what is in flight, but not for a client that never finishes. */
  override close() {
    const server = this.getHttpServer() as Server;
    setTimeout(() => server.closeAllConnections(), DRAIN_TIMEOUT).unref();
    return super.close();
  }
}

/**
 * Express gives every request and response a new prototype after Node has made them, which costs V8 more
 * than all the rest of a request together (docs/performance.md). So Node makes them with it from the start,
 * and what Express sets is what is there.
 */
function bearExpressMessages(instance: Express) {
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
