import { createServer } from 'node:http';
import { ExpressAdapter } from '@nestjs/platform-express';
import express, { type Express } from 'express';

/** The largest header section, in bytes; Node answers 431 to more. */
const LARGEST_HEADER = 8 * 1024;

/** How long a client may take over its headers, and over a whole request, in milliseconds. */
const HEADERS_TIMEOUT = 10_000;
const REQUEST_TIMEOUT = 15_000;

/** Express on a server with limits, and with paths compared exactly. */
export class HttpAdapter extends ExpressAdapter {
  constructor() {
    const instance = express();
    // Read when the first middleware makes the router, so before Nest adds its own.
    instance.enable('case sensitive routing');
    instance.disable('x-powered-by');
    instance.disable('etag');
    super(instance);
  }

  override initHttpServer(): void {
    const limits = {
      maxHeaderSize: LARGEST_HEADER,
      headersTimeout: HEADERS_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      connectionsCheckingInterval: 1_000,
    };
    const server = createServer(limits, this.getInstance<Express>());
    // Bounded by their size already; past a count, Node would drop headers silently.
    server.maxHeadersCount = 0;
    this.httpServer = server;
  }
}
