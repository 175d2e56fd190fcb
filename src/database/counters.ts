import type { Database as SqliteHandle } from 'better-sqlite3';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { RateLimiterStoreAbstract } from 'rate-limiter-flexible';
import { DataSource } from 'typeorm';
import type { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import { Database } from './database.js';

/**
 * Counts in a window of time that begins with the first: rate-limiter-flexible, on whichever database it is. It reads
 * the machine's clock. What is too many, the rooms say.
 */
@Injectable()
export class Counters {
  private readonly limiters = new Map<string, RateLimiterStoreAbstract>();

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly database: Database,
  ) {}

  /**
   * Counts one more, in one statement.
   * @param table its first columns are key, points and expire
   * @param window milliseconds, whole seconds
   * @throws what `Database.run` throws
   */
  async add(table: string, key: string, window: number): Promise<void> {
    const limiter = await this.limiterOf(table, window);
    await this.database.run(() => limiter.penalty(key));
  }

  private async limiterOf(tableName: string, window: number): Promise<RateLimiterStoreAbstract> {
    const name = `${tableName} ${window}`;
    const known = this.limiters.get(name);
    if (known) return known;
    // Loaded with the first that is counted. Nothing is kept in memory: other processes count too.
    const { RateLimiterPostgres, RateLimiterSQLite } = await import('rate-limiter-flexible');
    const options = {
      ...{ tableName, keyPrefix: '', points: 0, duration: window / 1000 },
      ...{ tableCreated: true, clearExpiredByTimeout: false },
    };
    const limiter =
      this.dataSource.options.type === 'postgres'
        ? new RateLimiterPostgres({
            ...options,
            storeClient: this.dataSource,
            storeType: 'typeorm',
          })
        : new RateLimiterSQLite({
            ...options,
            storeClient: this.sqlite,
            storeType: 'better-sqlite3',
          });
    this.limiters.set(name, limiter);
    return limiter;
  }

  private get sqlite(): SqliteHandle {
    return (this.dataSource.driver as BetterSqlite3Driver).databaseConnection as SqliteHandle;
  }
}
