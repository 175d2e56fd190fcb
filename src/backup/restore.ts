import { existsSync, linkSync, renameSync, rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import BetterSqlite3, { type Database } from 'better-sqlite3';
import {
  type Contents,
  copyDatabase,
  hasTable,
  syncToDisk,
  temporaryName,
  using,
  verifyDatabase,
} from './database-file.js';
import { openSource } from './open-source.js';

interface RestoreOptions {
  /** May it take the place of a database that nobody has open? */
  isReplacing: boolean;
  /** Do the sessions of the backup go on? */
  keepsSessions: boolean;
  /** Milliseconds since the epoch. */
  now: number;
}

export interface Restored extends Contents {
  /** Where the database is now that was there before. */
  kept: string | undefined;
}

/** What was on its way when the backup was made, and has arrived since: mails, and the links in them. */
const PASSING = ['one_time_tokens', 'outgoing_mails'];

/**
 * Puts a backup in the place of the database, if nobody has that open. What was there is kept beside it.
 * @param target the database's file
 * @throws Error in a plain sentence; nothing is changed then
 */
export async function restore(
  file: string,
  target: string,
  options: RestoreOptions,
): Promise<Restored> {
  const place = resolve(target);
  const part = temporaryName(place);
  try {
    const source = openSource(file);
    await copyDatabase(source, part).finally(() => source.close());
    const contents = verifyDatabase(part, file);
    using((copy) => forgetWhatPassed(copy, options), part);
    syncToDisk(part);
    const kept = replace(place, part, options);
    syncToDisk(place);
    return { ...contents, kept };
  } finally {
    rmSync(part, { force: true });
  }
}

/**
 * A backup knows nothing of what has ended since: a session that was logged out would be back. So all of them end,
 * with a number by which followers of the revocations hear of it.
 */
function forgetWhatPassed(copy: Database, { keepsSessions, now }: RestoreOptions): void {
  for (const table of PASSING) {
    if (hasTable(copy, table)) copy.exec(`DELETE FROM ${table}`);
  }
  if (keepsSessions || !hasTable(copy, 'sessions')) return;
  copy.exec('UPDATE revocation_counter SET value = value + 1');
  copy
    .prepare(
      `UPDATE sessions SET revoked_at = ?, revoked_reason = 'restored', expires_at = tokens_expire_at,
           revoked_seq = (SELECT value FROM revocation_counter) WHERE revoked_at IS NULL`,
    )
    .run(now);
}

/** @returns where the file is now that was there */
function replace(
  place: string,
  part: string,
  { isReplacing, now }: RestoreOptions,
): string | undefined {
  if (!existsSync(place)) {
    refuseLeftovers(place);
    renameSync(part, place);
    return undefined;
  }
  const hold = holdAlone(place);
  try {
    if (!isReplacing && statSync(place).size > 0) {
      throw new Error(`${place} is there already: use --force to replace it; it is kept beside`);
    }
    const kept = `${place}.${new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
    // A second name, and then one rename: at no moment is there no database, of which a start would make an empty one.
    linkSync(place, kept);
    renameSync(part, place);
    return kept;
  } finally {
    hold.close();
  }
}

/** A `-wal` would be taken for the restored file's, and ruin it. */
function refuseLeftovers(place: string): void {
  const left = ['-wal', '-journal'].map((end) => place + end).filter((path) => existsSync(path));
  if (left.length === 0) return;
  throw new Error(`${left.join(', ')} is left over of another database: move it away first`);
}

/**
 * Leaving WAL mode takes the whole file: it fails while anybody has it open, and leaves no `-wal` behind.
 * @throws Error where the file is in use
 */
function holdAlone(place: string): Database {
  const database = new BetterSqlite3(place, { fileMustExist: true, timeout: 0 });
  try {
    database.pragma('journal_mode = DELETE');
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    const { code } = error as { code?: string };
    if (!String(code).startsWith('SQLITE_BUSY')) {
      throw new Error(`${place} can't be read: move it away first`, { cause: error });
    }
    throw new Error(`${place} is in use: stop the service first`, { cause: error });
  }
}
