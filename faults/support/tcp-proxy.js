import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * A network between two programs: passes bytes on, drops them (`swallow`), or accepts connections and sends nothing
 * (`silence`), without ever closing one.
 */
export class TcpProxy {
  #mode = 'pass';
  #sockets = new Set();
  #server;

  static async start(experiment, target) {
    const proxy = new TcpProxy();
    proxy.#server = createServer((near) => proxy.#join(near, target)).listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    experiment.atEnd(() => proxy.close());
    return proxy;
  }

  get port() {
    return this.#server.address().port;
  }

  /** From now on nothing comes through in either direction; what was sent meanwhile is lost permanently. */
  swallow() {
    this.#mode = 'swallow';
  }

  pass() {
    this.#mode = 'pass';
  }

  close() {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #join(near, target) {
    // A client that connects while everything is dropped never gets any further.
    const pair = this.#mode === 'pass' ? [near, connect(target, '127.0.0.1')] : [near];
    const isLost = { now: false };
    for (const socket of pair) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        for (const other of pair) other.destroy();
      });
      const other = pair.find((candidate) => candidate !== socket);
      socket.on('data', (bytes) => {
        // A stream with a gap is useless from here on.
        if (this.#mode === 'swallow') isLost.now = true;
        if (!isLost.now) other?.write(bytes);
      });
    }
  }
}
