import { existsSync } from 'node:fs';
import type { Database as SqliteHandle } from 'better-sqlite3';
import { openSqlite } from './sqlite-driver.js';

/** How long a look at a file waits for another process's lock, in milliseconds. */
const PATIENCE_MS = 2_000;

/** What SQLite keeps beside a database while it is in use. */
export const COMPANIONS = ['-wal', '-shm', '-journal'] as const;

/**
 * Opens a database of SQLite's to look at it, whether or not a service has it open, and leaves no file behind.
 * @throws Error if it isn't there or can't be read
 */
export function openForReading(path: string): SqliteHandle {
  if (!existsSync(path)) throw new Error(`There is no ${path}`);
  // A connection that may only read leaves the companions behind that it had to make; one that may write takes
  // them away when it closes. But where they were before, it would also empty the log of whoever crashed.
  const readonly = existsSync(`${path}-wal`);
  const handle = openSqlite(path, { readonly, fileMustExist: true, timeout: PATIENCE_MS });
  handle.pragma('query_only = ON');
  handle.pragma('trusted_schema = OFF');
  return handle;
}
