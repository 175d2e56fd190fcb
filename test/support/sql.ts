import type { TestApp } from './create-test-app.js';
import { TemporaryFolder } from './temporary-folder.js';
import type { Row } from './test-database.js';

/**
 * Runs a statement on a separate connection, as another process would, on either database: `?` stands for
 * a value, TRUE and FALSE are booleans, and are 1 and 0 in what is returned.
 * @param place a test's app, or the folder of its processes
 * @returns the rows it returns
 */
export async function sql<T = Row>(
  place: TestApp | TemporaryFolder,
  statement: string,
  ...values: unknown[]
): Promise<T[]> {
  const folder = place instanceof TemporaryFolder ? place : place.folder;
  const database = await folder.database();
  return (await database.query(statement, values)) as T[];
}

/** Makes another connection lock what a write needs, while reads continue, until the work is done. */
export async function withoutWrites<T>(
  place: TestApp | TemporaryFolder,
  work: () => Promise<T>,
): Promise<T> {
  const folder = place instanceof TemporaryFolder ? place : place.folder;
  const release = await (await folder.database()).holdWrites();
  try {
    return await work();
  } finally {
    await release();
  }
}

/** Renames the table of users, so that the database fails, until the work is done. */
export async function withoutUsersTable<T>(
  app: TestApp | TemporaryFolder,
  work: () => Promise<T>,
): Promise<T> {
  await sql(app, 'ALTER TABLE users RENAME TO users_away');
  try {
    return await work();
  } finally {
    await sql(app, 'ALTER TABLE users_away RENAME TO users');
  }
}
