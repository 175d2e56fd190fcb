import BetterSqlite3 from 'better-sqlite3';
import type { TestApp } from './create-test-app.js';

/** Runs a statement on a connection of its own, as another process would. @returns the rows it returns */
export function sql(app: TestApp, statement: string, ...values: unknown[]): unknown[] {
  const database = new BetterSqlite3(app.databasePath, { fileMustExist: true });
  try {
    const prepared = database.prepare(statement);
    if (prepared.reader) return prepared.all(...values);
    prepared.run(...values);
    return [];
  } finally {
    database.close();
  }
}

/** Takes the users away, so that the database has no answer, until the work is done. */
export async function withoutUsersTable<T>(app: TestApp, work: () => Promise<T>): Promise<T> {
  sql(app, 'ALTER TABLE users RENAME TO users_away');
  try {
    return await work();
  } finally {
    sql(app, 'ALTER TABLE users_away RENAME TO users');
  }
}
