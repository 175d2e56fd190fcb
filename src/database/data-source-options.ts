import type { Database as SqliteHandle } from 'better-sqlite3';
import type { DataSourceOptions } from 'typeorm';
import type { DatabaseTarget } from '../config/database-url.js';
import { MIGRATIONS } from './migrations.js';
import { sqliteDriver } from './sqlite-driver.js';

/**
 * How long SQLite itself waits for another process's lock, in milliseconds. It blocks the event loop
 * while it waits, so this is short, and `Database.run` waits for the rest between attempts.
 */
const SQLITE_BUSY_TIMEOUT_MS = 5;

/**
 * How long PostgreSQL may take to connect, which is also how long to wait for a free connection, and how long the
 * server may work on a statement, in milliseconds: both less than `PostgresPool` has patience for.
 */
const POSTGRES_CONNECT_TIMEOUT_MS = 1_200;
const POSTGRES_STATEMENT_TIMEOUT_MS = 1_500;

/** How long the start waits for an answer, in milliseconds. Later a connection is given up sooner. */
const POSTGRES_QUERY_TIMEOUT_MS = 2_500;

/**
 * How long a transaction may be idle before its next statement, in milliseconds: an instance that hangs keeps the
 * rows it locked no longer than others wait for them.
 */
const POSTGRES_IDLE_TIMEOUT_MS = 1_000;

/** How TypeORM reaches the database that `DATABASE_URL` names. @throws what `sqliteDriver` throws */
export function dataSourceOptions(target: DatabaseTarget): DataSourceOptions {
  const shared = { migrations: MIGRATIONS, migrationsTransactionMode: 'all' } as const;
  if (target.type === 'sqlite') {
    return {
      ...shared,
      type: 'better-sqlite3',
      driver: sqliteDriver(),
      database: target.path,
      timeout: SQLITE_BUSY_TIMEOUT_MS,
      enableWAL: true,
      prepareDatabase: trustTheDisk,
    };
  }
  return {
    ...shared,
    type: 'postgres',
    url: target.url,
    applicationName: 'latchkey',
    connectTimeoutMS: POSTGRES_CONNECT_TIMEOUT_MS,
    extra: {
      statement_timeout: POSTGRES_STATEMENT_TIMEOUT_MS,
      query_timeout: POSTGRES_QUERY_TIMEOUT_MS,
      idle_in_transaction_session_timeout: POSTGRES_IDLE_TIMEOUT_MS,
    },
  };
}

/** For migrations, which may take long: the limits of a request would only abort them. */
export function withoutTimeouts(options: DataSourceOptions): DataSourceOptions {
  return options.type === 'postgres' ? { ...options, extra: {} } : options;
}

/** FULL: in WAL mode NORMAL loses acknowledged writes in a power cut (sqlite.org/pragma.html#pragma_synchronous). */
function trustTheDisk(database: SqliteHandle): void {
  database.pragma('synchronous = FULL');
  database.pragma('trusted_schema = OFF');
}
