import { closeSync, fsyncSync, openSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import BetterSqlite3, { type Database } from 'better-sqlite3';
import { MIGRATIONS } from '../database/migrations.js';

/** What a file turned out to hold. */
export interface Contents {
  users: number;
  /** Those that are not over. */
  sessions: number;
}

/**
 * Copies a database as it is at one moment, also while others write to it: all pages in one step, because a step that
 * finds the database changed since the last one begins anew, and under steady writes never ends. Whoever writes
 * meanwhile does not wait (SQLite's online backup, in WAL mode).
 * @param target a file that is not there yet; it becomes one file, without a `-wal` beside it
 */
export async function copyDatabase(source: Database, target: string): Promise<void> {
  await source.backup(target, { progress: () => Number.MAX_SAFE_INTEGER });
  using((copy) => copy.pragma('journal_mode = DELETE'), target);
}

/**
 * Looks whether the file is whole, and a database of this latchkey or of one before it.
 * @throws Error in a plain sentence
 */
export function verifyDatabase(file: string, name = file): Contents {
  return using((database) => {
    const problem = damageOf(database);
    if (problem !== undefined) throw new Error(`${name} is damaged: ${problem}`);
    if (!hasTable(database, 'users')) throw new Error(`${name} is not a database of latchkey`);
    const known = MIGRATIONS.map((migration) => migration.name);
    const newer = migrationsOf(database).find((migration) => !known.includes(migration));
    if (newer !== undefined) {
      throw new Error(`${name} was made by a newer latchkey: this one does not know ${newer}`);
    }
    return contentsOf(database);
  }, file);
}

export function hasTable(database: Database, name: string): boolean {
  const find = database.prepare(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?`);
  return find.get(name) !== undefined;
}

/** Opens the file, which must be there, for one piece of work. */
export function using<T>(work: (database: Database) => T, file: string): T {
  const database = new BetterSqlite3(file, { fileMustExist: true, timeout: 0 });
  try {
    return work(database);
  } finally {
    database.close();
  }
}

/** Makes sure that a file, and its name in its folder, are on the disk. */
export function syncToDisk(file: string): void {
  for (const path of [file, dirname(file)]) {
    const handle = openSync(path, 'r');
    fsyncSync(handle);
    closeSync(handle);
  }
}

/** Where a file is made before it gets its name: beside it, so that it can be renamed. */
export function temporaryName(file: string): string {
  return `${dirname(file)}/.${basename(file)}.${process.pid}.part`;
}

function damageOf(database: Database): string | undefined {
  try {
    const result = database.pragma('integrity_check(1)', { simple: true });
    if (result !== 'ok') return String(result);
    const broken = database.pragma('foreign_key_check') as unknown[];
    return broken.length === 0 ? undefined : 'rows refer to rows that are not there';
  } catch (error) {
    return (error as Error).message;
  }
}

function migrationsOf(database: Database): string[] {
  if (!hasTable(database, 'migrations')) return [];
  return database.prepare('SELECT name FROM migrations').pluck().all() as string[];
}

function contentsOf(database: Database): Contents {
  const count = (sql: string) => database.prepare(sql).pluck().get() as number;
  return {
    users: count('SELECT count(*) FROM users'),
    sessions: hasTable(database, 'sessions')
      ? count('SELECT count(*) FROM sessions WHERE revoked_at IS NULL')
      : 0,
  };
}
