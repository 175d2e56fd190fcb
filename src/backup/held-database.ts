import { existsSync } from 'node:fs';
import type { Database as SqliteHandle } from 'better-sqlite3';
import { openSqlite } from '../database/sqlite-driver.js';

/** How long to wait for a process that is just exiting, in milliseconds. */
const PATIENCE_MS = 200;

/** A running process has the database open. */
export class DatabaseInUse extends Error {
  constructor(path: string) {
    super(`${path} is in use: stop every process of latchkey's first`);
  }
}

/**
 * Keeps every other process out of a database. In WAL mode a process that has it open holds a lock on the file all the
 * time, so this also shows whether any has (sqlite.org/wal.html, "Sometimes Queries Return SQLITE_BUSY").
 */
export class HeldDatabase {
  private constructor(private readonly handle: SqliteHandle | undefined) {}

  /** @throws DatabaseInUse */
  static take(path: string): HeldDatabase {
    if (!existsSync(path)) return new HeldDatabase(undefined);
    const handle = openSqlite(path, { fileMustExist: true, timeout: PATIENCE_MS });
    try {
      handle.pragma('locking_mode = EXCLUSIVE');
      handle.exec('BEGIN EXCLUSIVE');
      handle.exec('COMMIT');
      return new HeldDatabase(handle);
    } catch (error) {
      handle.close();
      if (isBusy(error)) throw new DatabaseInUse(path);
      // So damaged that it can't be locked: no process can work with it either.
      return new HeldDatabase(undefined);
    }
  }

  /** Checkpoints the WAL into the file, and has SQLite remove the side files; it stays locked. */
  settle(): void {
    // Not DELETE: under an exclusive lock its journal would stay, beside the file that takes the database's name.
    this.handle?.pragma('journal_mode = MEMORY');
    this.handle?.exec('BEGIN EXCLUSIVE');
  }

  release(): void {
    this.handle?.close();
  }
}

function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(String((error as { code?: unknown }).code));
}
