import type { Database as SqliteHandle } from 'better-sqlite3';
import { compareMigrations } from '../database/applied-migrations.js';

/** @throws Error unless it is an undamaged latchkey database */
export function checkLatchkeyFile(handle: SqliteHandle, name: string): void {
  const [problem] = sound(handle, name);
  if (problem !== 'ok') throw new Error(`${name} is damaged: ${String(problem)}`);
  if (!hasTable(handle, 'migrations') || !hasTable(handle, 'users')) {
    throw new Error(`${name} is no database of latchkey's: it has no tables of latchkey's`);
  }
  if (handle.prepare('PRAGMA foreign_key_check').get() !== undefined) {
    throw new Error(`${name} is damaged: it has references to rows that are not there`);
  }
}

/** @throws Error if a newer version of latchkey has migrated it */
export function checkNotNewer(handle: SqliteHandle, name: string): void {
  const applied = handle.prepare('SELECT name FROM migrations').pluck().all() as string[];
  const { unknown } = compareMigrations(applied);
  if (unknown.length === 0) return;
  throw new Error(
    `${name} is of a newer latchkey than this one: ${unknown.length} of its migrations are not known here`,
  );
}

export function hasTable(handle: SqliteHandle, name: string): boolean {
  const sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?";
  return handle.prepare(sql).get(name) !== undefined;
}

/** The number of rows in each table. */
export function countRows(handle: SqliteHandle): Map<string, number> {
  const sql = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
  const names = handle.prepare(sql).pluck().all() as string[];
  const countOf = (name: string) =>
    handle
      .prepare(`SELECT count(*) FROM "${name.replaceAll('"', '""')}"`)
      .pluck()
      .get() as number;
  return new Map(names.map((name) => [name, countOf(name)]));
}

function sound(handle: SqliteHandle, name: string): unknown[] {
  try {
    return handle.prepare('PRAGMA integrity_check(1)').pluck().all();
  } catch (error) {
    throw new Error(`${name} is damaged: ${(error as Error).message}`, { cause: error });
  }
}
