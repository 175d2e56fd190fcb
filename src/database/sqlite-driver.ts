import { createRequire } from 'node:module';
import type BetterSqlite3 from 'better-sqlite3';

type Driver = typeof BetterSqlite3;

let driver: Driver | undefined;

/**
 * better-sqlite3 13, or 12 on Node 20, where 13 crashes (docs/decisions/0001-better-sqlite3.md). It is loaded with
 * the first call: PostgreSQL needs none.
 * @throws Error if it is not installed, or does not load in this Node
 */
export function sqliteDriver(): Driver {
  driver ??= loadDriver(packageFor(process.versions.node));
  return driver;
}

/** @throws what `sqliteDriver` throws, or SQLite's error */
export function openSqlite(path: string, options?: BetterSqlite3.Options): BetterSqlite3.Database {
  return new (sqliteDriver())(path, options);
}

/** @param node as in `process.versions.node` */
export function packageFor(node: string): string {
  return node.startsWith('20.') ? 'sqlite-for-node-20' : 'better-sqlite3';
}

function loadDriver(name: string): Driver {
  const loaded = createRequire(import.meta.url)(name) as Driver;
  // Its native part would be loaded only with the first database, and TypeORM's error would hide the cause.
  new loaded(':memory:').close();
  return loaded;
}
