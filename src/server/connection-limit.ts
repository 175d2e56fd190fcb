import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Bounds how many connections are open. Clients that keep the service waiting make room for the next one: first the
 * connection that has been idle for longest, then the one whose body has been in transit for longest. So
 * slow clients, however many, don't lock the others out. Only where every connection has a request that is being worked
 * on, the next one is surplus: it serves one request, which is refused unless it is a health check.
 *
 * Not Node's own `maxConnections`: a worker that is full would make its primary pass the connection around endlessly.
 */
export class ConnectionLimit {
  most = Infinity;
  private readonly all = new Set<Socket>();
  private readonly withoutRequest = new Set<Socket>();
  private readonly withHalfRequest = new Set<Socket>();
  private readonly surplus = new Set<Socket>();

  watch(server: Server): void {
    server.on('connection', (socket: Socket) => this.admit(socket));
  }

  /** Notes that a request has begun, and watches for its end. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    const { socket, headers } = request;
    this.withoutRequest.delete(socket);
    if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) {
      this.withHalfRequest.add(socket);
      request.once('end', () => this.withHalfRequest.delete(socket));
    }
    response.once('close', () => {
      this.withHalfRequest.delete(socket);
      if (this.all.has(socket)) this.withoutRequest.add(socket);
    });
  }

  /** Is this connection one too many? */
  isSurplus(socket: Socket): boolean {
    return this.surplus.has(socket);
  }

  private admit(socket: Socket): void {
    if (this.all.size >= this.most && !this.makeRoom()) this.surplus.add(socket);
    this.all.add(socket);
    this.withoutRequest.add(socket);
    socket.once('close', () => this.forget(socket));
  }

  /** @returns whether a connection could be closed */
  private makeRoom(): boolean {
    const [slowest] = this.withoutRequest.size > 0 ? this.withoutRequest : this.withHalfRequest;
    if (!slowest) return false;
    this.forget(slowest);
    slowest.destroy();
    return true;
  }

  private forget(socket: Socket): void {
    for (const sockets of [this.all, this.withoutRequest, this.withHalfRequest, this.surplus]) {
      sockets.delete(socket);
    }
  }
}
