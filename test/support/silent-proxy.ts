import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A proxy in front of a server that on demand lets nothing through, without closing anything. */
export class SilentProxy {
  private readonly sockets = new Set<Socket>();
  private isSilent = false;

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {}

  static async start(target: number): Promise<SilentProxy> {
    const server = createServer();
    const proxy = new SilentProxy(server, target);
    server.on('connection', (near) => proxy.join(near));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  /** @returns the same URL with the proxy's port */
  inFrontOf(url: string): string {
    const result = new URL(url);
    result.port = String((this.server.address() as { port: number }).port);
    return result.href;
  }

  /** Existing connections stay dead permanently, as when a firewall has forgotten them. */
  swallow(): void {
    this.isSilent = true;
    for (const socket of this.sockets) socket.removeAllListeners('data').resume();
  }

  pass(): void {
    this.isSilent = false;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private join(near: Socket): void {
    const pair = this.isSilent ? [near] : [near, connect(this.target, '127.0.0.1')];
    for (const socket of pair) {
      this.sockets.add(socket);
      const other = pair.find((candidate) => candidate !== socket);
      socket.on('data', (bytes) => void other?.write(bytes));
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.sockets.delete(socket);
        other?.destroy();
      });
    }
  }
}
