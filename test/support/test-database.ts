import { existsSync } from 'node:fs';
import type { DataSource } from 'typeorm';
import { openSqlite } from '../../src/database/sqlite-driver.js';
import { openDatabase } from './open-database.js';
import { connect, createDatabase, dropDatabase, type Row } from './shared-postgres.js';

export type { Row };

export type Kind = 'SQLite' | 'PostgreSQL';

/** Which database this run of the file uses (jest.config.js). */
export const kind = () => (globalThis as { testDatabase?: Kind }).testDatabase ?? 'SQLite';

/** Strings that only SQLite can store: PostgreSQL accepts no NUL. */
export const textsWithNul = (...texts: string[]) => (kind() === 'SQLite' ? texts : []);

/** The database of one test: a SQLite file, or a database on the PostgreSQL server of the run. */
export interface TestDatabase {
  /** A value for `DATABASE_URL`. */
  readonly url: string;
  /** Runs a statement on a separate connection, as another process would. @returns its rows */
  query(statement: string, values: unknown[]): Promise<Row[]>;
  /** Keeps every other connection from writing. @returns a function that releases them */
  holdWrites(): Promise<() => Promise<void>>;
  drop(): Promise<void>;
}

/** @param path of the file, which exists once the service, or a statement, has created it */
export function sqliteDatabase(path: string): TestDatabase {
  const url = `sqlite:///${path}`;
  return {
    url,
    async query(statement, values) {
      if (!existsSync(path)) await openDatabase(url).then(({ dataSource }) => dataSource.destroy());
      return queryFile(path, statement, values);
    },
    holdWrites() {
      const other = openSqlite(path, { fileMustExist: true }).exec('BEGIN IMMEDIATE');
      return Promise.resolve(() => Promise.resolve(void other.close()));
    },
    drop: () => Promise.resolve(),
  };
}

/** @param name one that no other test uses */
export async function postgresDatabase(name: string): Promise<TestDatabase> {
  const url = await createDatabase(name);
  let connection: DataSource | undefined;
  return {
    url,
    async query(statement, values) {
      connection ??= await connect(url);
      return queryServer(connection, statement, values);
    },
    async holdWrites() {
      const other = await connect(url);
      const runner = other.createQueryRunner();
      await runner.startTransaction();
      await runner.query('LOCK TABLE users, sessions, attempt_counters IN EXCLUSIVE MODE');
      return () => other.destroy();
    },
    async drop() {
      await connection?.destroy();
      await dropDatabase(url);
    },
  };
}

function queryFile(path: string, statement: string, values: unknown[]): Row[] {
  const database = openSqlite(path, { fileMustExist: true });
  const bound = values.map((value) => (typeof value === 'boolean' ? Number(value) : value));
  try {
    const prepared = database.prepare<unknown[], Row>(statement);
    if (prepared.reader) return prepared.all(...bound);
    prepared.run(...bound);
    return [];
  } finally {
    database.close();
  }
}

async function queryServer(
  connection: DataSource,
  statement: string,
  values: unknown[],
): Promise<Row[]> {
  let count = 0;
  const numbered = statement.replaceAll('?', () => `$${++count}`);
  const runner = connection.createQueryRunner();
  try {
    return (await runner.query(numbered, values, true)).records as Row[];
  } finally {
    await runner.release();
  }
}
