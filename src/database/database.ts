import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { DatabaseUnavailable, isBusy, UniqueViolation, violatedColumn } from './database-errors.js';

/** How long one piece of work is retried while another process holds the lock, in milliseconds. */
const PATIENCE = 2_000;

/** Every statement goes through here: waits out locks without blocking, and names what can go wrong. */
@Injectable()
export class Database {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Runs one statement, again while the database is busy. One statement is one transaction: an open
   * transaction on SQLite's single connection would take in the writes of other requests, and lose
   * them with its rollback (docs/decisions/0003-one-statement-at-a-time.md).
   * @throws UniqueViolation
   * @throws DatabaseUnavailable after 2 s of waiting for a lock, or for any other failure
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + PATIENCE;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const column = violatedColumn(error);
        if (column !== undefined) throw new UniqueViolation(column);
        if (!isBusy(error) || performance.now() >= deadline) throw new DatabaseUnavailable(error);
      }
      await sleep(5 + Math.random() * 45);
    }
  }

  /** Runs SQL as it stands, with its parameters bound. @throws what `run` throws */
  query<T>(sql: string, parameters: unknown[]): Promise<T[]> {
    return this.run(() => this.dataSource.query<T[]>(sql, parameters));
  }

  /** @throws DatabaseUnavailable */
  async ping(): Promise<void> {
    await this.query('SELECT id FROM users LIMIT 1', []);
  }
}
