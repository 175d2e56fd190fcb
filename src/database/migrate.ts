import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource, type QueryRunner } from 'typeorm';
import { withoutTimeouts } from './data-source-options.js';
import { isBusy } from './database-errors.js';

/** How long an instance waits for the migrations of another one, in milliseconds. */
const LOCK_PATIENCE_MS = 60_000;

/** Any number, the same for every instance of latchkey on one PostgreSQL database. */
const ADVISORY_LOCK = 7_460_215_983;

/** The database is behind the program, and the configuration says to leave it so. */
export class PendingMigrationsError extends Error {
  constructor() {
    super(
      'The database has pending migrations, and DATABASE_MIGRATE=false leaves them to you. Run: npm run migration:run',
    );
  }
}

/** Brings the database up to date, or with `migrateAtStart` false only makes sure that it is. */
export async function migrate(dataSource: DataSource, migrateAtStart: boolean): Promise<void> {
  if (!(await outlastLocks(() => isBehind(dataSource)))) return;
  if (!migrateAtStart) throw new PendingMigrationsError();
  const runner = dataSource.createQueryRunner();
  try {
    if (dataSource.options.type === 'postgres') await migratePostgres(dataSource, runner);
    else await migrateSqlite(dataSource, runner);
  } finally {
    await runner.release();
  }
}

async function isBehind(dataSource: DataSource): Promise<boolean> {
  const runner = dataSource.createQueryRunner();
  try {
    // showMigrations() would create its table, and two concurrent instances would conflict.
    if (!(await runner.hasTable(dataSource.options.migrationsTableName ?? 'migrations')))
      return true;
    return await dataSource.showMigrations();
  } finally {
    await runner.release();
  }
}

/**
 * One transaction that takes SQLite's write lock first: of several instances one migrates and the others
 * find nothing left to do; a migration that fails leaves the file as it was.
 */
async function migrateSqlite(dataSource: DataSource, runner: QueryRunner): Promise<void> {
  // Has no effect inside a transaction. Without it, rebuilding a table would cascade into others.
  await runner.query('PRAGMA foreign_keys = OFF');
  await outlastLocks(() => runner.query('BEGIN IMMEDIATE'));
  try {
    await dataSource.runMigrations({ transaction: 'none' });
    const broken = (await runner.query('PRAGMA foreign_key_check')) as unknown[];
    if (broken.length > 0) throw new Error('A migration would leave broken references behind');
    await runner.query('COMMIT');
  } catch (error) {
    // A full disk makes SQLite roll back on its own, and a second rollback is an error that would hide the first.
    await runner.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    await runner.query('PRAGMA foreign_keys = ON');
  }
}

async function migratePostgres(dataSource: DataSource, runner: QueryRunner): Promise<void> {
  await untilFree(async () => {
    const rows = (await runner.query(
      `SELECT pg_try_advisory_lock(${ADVISORY_LOCK}) AS locked`,
    )) as { locked: boolean }[];
    return rows[0]?.locked === true;
  });
  try {
    const patient = await new DataSource(withoutTimeouts(dataSource.options)).initialize();
    await patient.runMigrations({ transaction: 'all' }).finally(() => patient.destroy());
  } finally {
    await runner.query(`SELECT pg_advisory_unlock(${ADVISORY_LOCK})`);
  }
}

/** Retries the work as long as another process holds SQLite's lock, up to a minute. */
export async function outlastLocks<T>(work: () => Promise<T>): Promise<T> {
  const results: T[] = [];
  await untilFree(() => work().then((result) => results.push(result) > 0, whenBusy));
  return results[0] as T;
}

function whenBusy(error: unknown): boolean {
  if (isBusy(error)) return false;
  throw error;
}

async function untilFree(acquire: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + LOCK_PATIENCE_MS;
  while (!(await acquire())) {
    if (performance.now() > deadline) throw new Error('Another process holds the database locked');
    await sleep(20 + Math.random() * 80);
  }
}
