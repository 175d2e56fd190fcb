import { Injectable } from '@nestjs/common';
import type { ObjectLiteral, Repository } from 'typeorm';
import { Database } from './database.js';

/** Rows that are no longer needed after some time. */
export interface Expiry<Row extends ObjectLiteral> {
  rows: Repository<Row>;
  /** The column that identifies a row. */
  key: keyof Row & string;
  /** The column that says when it expires, in milliseconds since the epoch; it has an index. */
  time: keyof Row & string;
  /** How long it is kept after that, for another process whose clock is behind, in milliseconds. */
  kept: number;
}

/** The kinds of rows that are removed once expired; each module registers its own. */
@Injectable()
export class ExpiringRows {
  private readonly kinds: ((now: number, batch: number) => Promise<number>)[] = [];

  constructor(private readonly database: Database) {}

  register<Row extends ObjectLiteral>({ rows, key, time, kept }: Expiry<Row>): void {
    const { tableName } = rows.metadata;
    const dead = (batch: number) =>
      rows
        .createQueryBuilder(tableName)
        .select(`${tableName}.${key}`)
        .where(`${tableName}.${time} <= :before`)
        .orderBy(`${tableName}.${time}`)
        .limit(batch)
        .getQuery();
    const nameOf = (property: string) =>
      rows.metadata.findColumnWithPropertyName(property)?.databaseName ?? property;
    this.kinds.push(async (now, batch) => {
      const { affected } = await this.database.run(() =>
        rows
          .createQueryBuilder()
          .delete()
          .where(`${nameOf(key)} IN (${dead(batch)})`, { before: now - kept })
          // PostgreSQL rechecks this, and not the list, after waiting for a concurrent change of the row.
          .andWhere(`${nameOf(time)} <= :before`)
          .execute(),
      );
      return affected ?? 0;
    });
  }

  /**
   * Removes at most so many of one kind.
   * @param now milliseconds since the epoch
   * @returns how many there were; undefined for a kind that there isn't
   */
  async removeBatch(kind: number, now: number, batch: number): Promise<number | undefined> {
    return this.kinds[kind]?.(now, batch);
  }
}
