import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { kind, postgresDatabase, sqliteDatabase, type TestDatabase } from './test-database.js';

/** An empty folder for one test, and a database with it: `users.db`, or one on PostgreSQL. */
export class TemporaryFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'latchkey-test-'));
  private opened: Promise<TestDatabase> | undefined;

  join(name: string): string {
    return join(this.path, name);
  }

  /** Creates PostgreSQL's on first use; SQLite's file is created by the first process that opens it. */
  database(): Promise<TestDatabase> {
    return (this.opened ??=
      kind() === 'SQLite'
        ? Promise.resolve(sqliteDatabase(this.join('users.db')))
        : postgresDatabase(basename(this.path)));
  }

  async remove(): Promise<void> {
    await (await this.opened)?.drop();
    await rm(this.path, { recursive: true, force: true });
  }
}
