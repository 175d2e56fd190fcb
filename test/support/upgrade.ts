import { basename } from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';
import { openDatabase, type OpenDatabase } from './open-database.js';
import { type ServiceProcess, startService } from './processes.js';
import { createDatabase, dropDatabase } from './shared-postgres.js';
import { TemporaryFolder } from './temporary-folder.js';

export const KINDS = ['SQLite', 'PostgreSQL'] as const;

/** A database that tests migrate up and down, a new one for each test. */
export class Upgrade {
  folder!: TemporaryFolder;
  /** A value for `DATABASE_URL`. */
  url = '';
  private readonly services: ServiceProcess[] = [];

  /** Creates and removes what it needs around the tests of the file. */
  constructor() {
    beforeEach(() => void (this.folder = new TemporaryFolder()));
    afterEach(async () => {
      await Promise.all(this.services.splice(0).map((service) => service.end('SIGKILL')));
      await this.folder.remove();
      if (this.url.startsWith('postgresql:')) await dropDatabase(this.url);
      this.url = '';
    });
  }

  /** Names an empty database. */
  async begin(kind: (typeof KINDS)[number]): Promise<void> {
    this.url =
      kind === 'SQLite'
        ? `sqlite:///${this.folder.join('users.db')}`
        : await createDatabase(basename(this.folder.path), { isEmpty: true });
  }

  /** Starts the service on it. */
  async start(): Promise<ServiceProcess> {
    const service = await startService(this.folder, { DATABASE_URL: this.url });
    this.services.push(service);
    return service;
  }

  /** Opens it with this many of the migrations, passes it to some work, and closes it. */
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
