import { existsSync } from 'node:fs';
import type { Database as SqliteHandle } from 'better-sqlite3';
import { openSqlite } from './sqlite-driver.js';

/** How long an inspection of a file waits for another process's lock, in milliseconds. */
const PATIENCE_MS = 2_000;

/** The side files that SQLite keeps next to a database while it is in use. */
export const COMPANIONS = ['-wal', '-shm', '-journal'] as const;

/**
 * Opens an SQLite database to inspect it, whether or not a service has it open, and leaves no file behind.
 * @throws Error if it doesn't exist or can't be read
 */
export function openForReading(path: string): SqliteHandle {
  if (!existsSync(path)) throw new Error(`There is no ${path}`);
  // A read-only connection leaves behind the side files that it had to create; one that may write removes
  // them when it closes. But where they existed before, it would also checkpoint the WAL of a crashed process.
  const readonly = existsSync(`${path}-wal`);
  const handle = openSqlite(path, { readonly, fileMustExist: true, timeout: PATIENCE_MS });
  handle.pragma('query_only = ON');
  handle.pragma('trusted_schema = OFF');
  return handle;
}
