import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { openDatabase, type OpenDatabase } from './open-database.js';
import { PostgresServer } from './postgres.js';
import { type ServiceProcess, startService } from './processes.js';
import { TemporaryFolder } from './temporary-folder.js';

export const KINDS = ['SQLite', 'PostgreSQL'] as const;

/** A database that tests of migrations bring up to date and back, a new one for each test. */
export class Upgrade {
  folder!: TemporaryFolder;
  /** As in `DATABASE_URL`. */
  url = '';
  private server!: PostgresServer;
  private count = 0;
  private readonly services: ServiceProcess[] = [];

  /** Has what it needs made and removed around the tests of the file. */
  constructor() {
    beforeAll(async () => {
      this.server = await PostgresServer.start();
    }, 120_000);
    afterAll(() => this.server.remove());
    beforeEach(() => void (this.folder = new TemporaryFolder()));
    afterEach(async () => {
      await Promise.all(this.services.splice(0).map((service) => service.end('SIGKILL')));
      await this.folder.remove();
    });
  }

  /** Names an empty database. */
  async begin(kind: (typeof KINDS)[number]): Promise<void> {
    this.url =
      kind === 'SQLite'
        ? `sqlite:///${this.folder.join('users.db')}`
        : await this.server.createDatabase(`upgrade_${++this.count}`);
  }

  /** Starts the service on it. */
  async start(): Promise<ServiceProcess> {
    const service = await startService(this.folder, { DATABASE_URL: this.url });
    this.services.push(service);
    return service;
  }

  /** Opens it with so many of the migrations, has it for some work, and closes it. */
  async using<T>(migrations: number, work: (open: OpenDatabase) => Promise<T>): Promise<T> {
    const open = await openDatabase(this.url, migrations);
    try {
      return await work(open);
    } finally {
      await open.dataSource.destroy();
    }
  }

  rowsOf(migrations: number, sql: string): Promise<Record<string, unknown>[]> {
    return this.using(migrations, ({ database }) => database.query(sql, []));
  }
}
