import { closeSync, openSync, rmSync } from 'node:fs';
import type { Database as SqliteHandle } from 'better-sqlite3';
import { openSqlite } from '../database/sqlite-driver.js';
import { openForReading } from '../database/sqlite-file.js';
import { countRows } from './latchkey-file.js';

/** How many pages are copied in one turn of the event loop: 4 MB, some milliseconds. */
const PAGES_A_STEP = 1000;

/** A consistent state of a database, however much is written to it meanwhile. */
export class Snapshot {
  private constructor(
    readonly path: string,
    private readonly handle: SqliteHandle,
  ) {}

  /** @throws Error if it doesn't exist or can't be read */
  static open(path: string): Snapshot {
    const handle = openForReading(path);
    try {
      // Held open until the end. Without it the online backup restarts after every write of another process,
      // and never finishes beside a running service (docs/decisions/0019-backups.md).
      handle.exec('BEGIN');
      handle.prepare('SELECT count(*) FROM sqlite_schema').get();
      return new Snapshot(path, handle);
    } catch (error) {
      handle.close();
      throw new Error(`${path} can't be read: ${(error as Error).message}`, { cause: error });
    }
  }

  get pages(): number {
    return this.handle.pragma('page_count', { simple: true }) as number;
  }

  countRows(): Map<string, number> {
    return countRows(this.handle);
  }

  /**
   * Copies it to a new file, readable by its owner alone, that is a database without side files.
   * @param onCopied called with the number of pages still to copy
   * @returns the copy, opened; a copy that failed is removed
   */
  async copyTo(path: string, onCopied: (pages: number) => void): Promise<SqliteHandle> {
    closeSync(openSync(path, 'wx', 0o600));
    try {
      let left = this.pages;
      const progress = ({ remainingPages }: { remainingPages: number }) => {
        onCopied(left - remainingPages);
        left = remainingPages;
        return PAGES_A_STEP;
      };
      await this.handle.backup(path, { progress });
      onCopied(left);
      return openCopy(path);
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    }
  }

  close(): void {
    this.handle.close();
  }
}

function openCopy(path: string): SqliteHandle {
  const copy = openSqlite(path, { fileMustExist: true });
  try {
    // One file, which can be read on a read-only medium. The service turns it back to WAL.
    copy.pragma('journal_mode = DELETE');
    copy.pragma('trusted_schema = OFF');
    return copy;
  } catch (error) {
    copy.close();
    throw error;
  }
}
