import { Injectable } from '@nestjs/common';
import type { ObjectLiteral, Repository } from 'typeorm';
import { Database } from './database.js';

/** Rows that nobody needs from some time on. */
export interface Expiry<Row extends ObjectLiteral> {
  rows: Repository<Row>;
  /** The column that tells a row from the others. */
  key: keyof Row & string;
  /** The column that says when its time is over, in milliseconds since the epoch; it has an index. */
  time: keyof Row & string;
  /** How long it is kept after that, for another process whose clock is behind, in milliseconds. */
  kept: number;
}

/** The kinds of rows that are removed once their time is over; each room says which of its own are. */
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
          // PostgreSQL looks at this again if it has waited for a change of the row, and not at the list.
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
