import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './postgres.js';

export const RESOURCE_SERVER = resolve('examples/resource-server/server.js');

/** The example of a resource server, as a separate process that only knows its environment. */
export class ResourceServer {
  /** What it wrote, line by line. */
  readonly lines: string[] = [];

  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
  ) {}

  static async spawn(environment: Record<string, string>): Promise<ResourceServer> {
    const port = await freePort();
    const env = { PATH: process.env.PATH, PORT: String(port), ...environment };
    const child = spawn(process.execPath, [RESOURCE_SERVER], { env });
    const server = new ResourceServer(`http://127.0.0.1:${port}`, child);
    for (const input of [child.stdout, child.stderr]) {
      createInterface(input).on('line', (line) => server.lines.push(line));
    }
    return server;
  }

  /** @returns undefined while nothing listens */
  async ask(token?: string): Promise<Response | undefined> {
    const headers = token === undefined ? undefined : { Authorization: `Bearer ${token}` };
    return fetch(`${this.url}/notes`, { headers }).catch(() => undefined);
  }

  /** @returns the exit status of a server that ends on its own */
  async end(): Promise<number | null> {
    const [status] = (await once(this.child, 'close')) as [number | null];
    return status;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill();
    await once(this.child, 'exit');
  }
}
