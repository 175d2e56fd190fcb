import type { Database as SqliteHandle } from 'better-sqlite3';
import type { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type QueryRunner } from 'typeorm';
import type { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { Problem } from '../http/problem.js';
import { Instrumentation } from '../common/instrumentation.js';
import { DatabaseUnavailable, isBusy, UniqueViolation, violatedColumn } from './database-errors.js';
import { PostgresPool } from './postgres-pool.js';
import { type Pool, PostgresStatements } from './postgres-statements.js';
import type { Outcome, Prepared } from './prepared.js';
import { SqliteStatements } from './sqlite-statements.js';

/** How long one piece of work is retried while another process holds the lock, in milliseconds. */
const PATIENCE_MS = 2_000;

/** For instrumentation. */
const STATEMENT = { kind: 'database', type: 'statement' } as const;
const GROUP = { kind: 'database', type: 'group' } as const;

type BoundStatement = [sql: string, parameters: unknown[]];

/** What a query builder holds before it is run. */
export interface Statement {
  getQueryAndParameters(): BoundStatement;
  /** Called once the group that it is part of is done. */
  whenDone?(): void;
}

/** A statement that must affect rows, or none: otherwise its group is rolled back, and refused with the error. */
export interface Demand {
  statement: Statement;
  rows: 'some' | 'none';
  otherwise: () => Error;
}

/** A statement as the group runs it. @returns whether the group may go on with so many rows affected */
type Step = [...BoundStatement, check: (affected: number) => boolean];

/** Every statement goes through here: waits out locks without blocking, and maps errors. */
@Injectable()
export class Database implements OnApplicationShutdown {
  private readonly pool: PostgresPool | undefined;
  private readonly statements: SqliteStatements | PostgresStatements;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly instrumentation: Instrumentation,
  ) {
    if (dataSource.options.type !== 'postgres') {
      this.statements = new SqliteStatements(this.sqliteHandle);
      return;
    }
    const pool = (dataSource.driver as PostgresDriver).master as EventEmitter & Pool;
    this.pool = new PostgresPool(pool, () => dataSource.query('SELECT 1'));
    this.statements = new PostgresStatements(pool);
  }

  onApplicationShutdown(): void {
    this.pool?.end();
  }

  /**
   * Runs one statement, again while the database is busy. One statement is one transaction: an open
   * transaction on SQLite's single connection would take in the writes of other requests, and lose
   * them with its rollback (docs/decisions/0003-one-statement-at-a-time.md).
   * @throws UniqueViolation
   * @param patience how long to wait for a lock, in milliseconds
   * @param statements its text, where that is known before TypeORM writes it
   * @throws DatabaseUnavailable after that, or for any other failure; on PostgreSQL after 1.8 s in any case, and at
   * once while it is known to be down
   */
  run<T>(
    work: () => Promise<T>,
    patience = PATIENCE_MS,
    statements: readonly string[] = [],
  ): Promise<T> {
    return this.instrumentation.during({ ...STATEMENT, statements }, () =>
      this.bounded(work, patience),
    );
  }

  private bounded<T>(work: () => Promise<T>, patience: number): Promise<T> {
    return this.pool ? this.pool.bound(() => attempt(work, patience)) : attempt(work, patience);
  }

  /**
   * Runs a prepared query, whose parameters are all strings. On PostgreSQL those that run at the same time
   * share their round trips.
   * @returns its rows as the driver returns them
   * @throws what `run` throws
   */
  async read<T>(query: Prepared, values: Record<string, string>): Promise<T[]> {
    const bound = query.bind(values);
    const { rows } = await this.runPrepared(query, () => this.statements.read(query, bound));
    return rows as T[];
  }

  /** Runs a prepared change. @returns how many rows it affected @throws what `run` throws */
  async change(change: Prepared, values: Record<string, unknown>): Promise<number> {
    const bound = change.bind(values);
    const { affected } = await this.runPrepared(change, () => this.statements.run(change, bound));
    return affected;
  }

  private runPrepared({ text }: Prepared, work: () => Promise<Outcome>): Promise<Outcome> {
    return this.run(work, PATIENCE_MS, [text]);
  }

  /** Runs SQL as it is, with its parameters bound. @throws what `run` throws */
  query<T>(sql: string, parameters: unknown[]): Promise<T[]> {
    return this.run(() => this.dataSource.query<T[]>(sql, parameters));
  }

  /**
   * Runs statements as one transaction. The first one is the condition of the rest: when it affects no row,
   * nothing is done.
   * @param patience as for `run`
   * @returns whether it was done
   * @throws what `run` throws, and what a demand is refused with
   */
  async group(
    statements: readonly [Statement | Demand, ...(Statement | Demand)[]],
    patience = PATIENCE_MS,
  ): Promise<boolean> {
    const steps = statements.map(stepOf);
    const work = { ...GROUP, statements: steps.map(([sql]) => sql) };
    const isDone = await this.instrumentation.during(work, () =>
      this.bounded(
        () =>
          this.dataSource.options.type === 'postgres'
            ? this.groupOnPostgres(steps)
            : Promise.resolve(this.groupOnSqlite(steps)),
        patience,
      ),
    );
    if (!isDone) return false;
    for (const statement of statements) if ('whenDone' in statement) statement.whenDone?.();
    return true;
  }

  /** @throws DatabaseUnavailable */
  async ping(): Promise<void> {
    await this.query('SELECT id FROM users LIMIT 1', []);
  }

  /** Without an await inside: requests share the connection, and their statements would join the transaction. */
  private groupOnSqlite(steps: readonly Step[]): boolean {
    const handle = this.sqliteHandle;
    const work = handle.transaction(() =>
      steps.every(([sql, parameters, check]) =>
        check(handle.prepare(sql).run(...parameters).changes),
      ),
    );
    return work.immediate();
  }

  private get sqliteHandle(): SqliteHandle {
    return (this.dataSource.driver as BetterSqlite3Driver).databaseConnection as SqliteHandle;
  }

  private async groupOnPostgres(steps: readonly Step[]): Promise<boolean> {
    const runner = this.dataSource.createQueryRunner();
    try {
      await runner.startTransaction();
      const isDone = await runInOrder(runner, steps);
      await runner.commitTransaction();
      return isDone;
    } catch (error) {
      await runner.rollbackTransaction().catch(() => disconnect(runner));
      throw error;
    } finally {
      await runner.release();
    }
  }
}

async function attempt<T>(work: () => Promise<T>, patience: number): Promise<T> {
  const deadline = performance.now() + patience;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Problem) throw error;
      const column = violatedColumn(error);
      if (column !== undefined) throw new UniqueViolation(column);
      if (!isBusy(error) || performance.now() >= deadline) throw new DatabaseUnavailable(error);
    }
    await sleep(5 + Math.random() * 45);
  }
}

async function runInOrder(runner: QueryRunner, steps: readonly Step[]): Promise<boolean> {
  for (const [sql, parameters, check] of steps) {
    const { affected } = await runner.query(sql, parameters, true);
    if (!check(affected ?? 0)) return false;
  }
  return true;
}

function stepOf(statement: Statement | Demand, index: number): Step {
  if (!('rows' in statement)) {
    return [...statement.getQueryAndParameters(), (affected) => index > 0 || affected > 0];
  }
  const { rows, otherwise } = statement;
  return [
    ...statement.statement.getQueryAndParameters(),
    (affected) => {
      if (affected > 0 !== (rows === 'some')) throw otherwise();
      return true;
    },
  ];
}

/** Back in the pool with its transaction open, the connection would take the next request's writes into it. */
async function disconnect(runner: QueryRunner): Promise<void> {
  const connecting = runner.connect() as Promise<{ end(): Promise<void> }>;
  const client = await connecting.catch(() => undefined);
  // Not awaited: a server that doesn't answer wouldn't acknowledge the end either.
  client?.end().catch(() => undefined);
}
