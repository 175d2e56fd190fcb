import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Like, Repository } from 'typeorm';
import { Clock } from '../common/clock.js';
import { Database, type Demand, type Statement } from '../database/database.js';
import { AttemptCounter } from './attempt-counter.entity.js';
import { TooManyAttempts } from './attempt-errors.js';
import { type AttemptKey, pairsOf } from './attempt-keys.js';

/**
 * How long the check of a password may take, in milliseconds; a hash takes a fraction of that. What a killed process
 * leaves behind counts for this long.
 */
const LONGEST_LOOK_MS = 10_000;

/** By how much another process's clock may be ahead, in milliseconds. */
const CLOCK_SKEW_MS = 10_000;

/** A counter at its limit, and for how many milliseconds it stays there. */
export interface FullCounter {
  key: AttemptKey;
  wait: number;
}

/** The counters of wrong passwords, and of those that are being checked. */
@Injectable()
export class AttemptCounters {
  constructor(
    @InjectRepository(AttemptCounter) private readonly rows: Repository<AttemptCounter>,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** Which counters are at their limit. Writes nothing, except to repair what a clock that went back left behind. */
  async listFull(keys: readonly AttemptKey[]): Promise<FullCounter[]> {
    const where = { key: In(keys.map(({ key }) => key)) };
    const rows = await this.database.run(() => this.rows.findBy(where));
    const now = this.clock.now();
    const full: FullCounter[] = [];
    for (const key of keys) {
      const row = rows.find((other) => other.key === key.key);
      if (!row || row.points < key.most || row.expire <= now) continue;
      if (row.expire > now + key.window + CLOCK_SKEW_MS) await this.shorten(key, now);
      full.push({ key, wait: Math.min(row.expire - now, key.window) });
    }
    return full;
  }

  /**
   * Reserves the check of a password, in one transaction: for each counter, wrong passwords and those being
   * checked are together fewer than the limit.
   * @param patience how long to wait for the database's lock, in milliseconds
   * @returns whether it was reserved
   */
  async reserve(keys: readonly AttemptKey[], patience: number): Promise<boolean> {
    const [first, ...more] = keys.map((key) => this.reserving(key));
    if (!first) return true;
    try {
      return await this.database.group([first, ...more], patience);
    } catch (error) {
      if (error instanceof TooManyAttempts) return false;
      throw error;
    }
  }

  /**
   * The password was checked: releases the reservation, and counts the password if it was wrong, in one transaction.
   * @param counted those that a wrong password counts in
   * @param reserved those with the reservation
   */
  async settle(
    { counted, reserved }: { counted: readonly AttemptKey[]; reserved: readonly AttemptKey[] },
    isRight: boolean,
  ): Promise<void> {
    const counting = isRight ? [] : counted.map((key) => this.counting(key));
    const releasing = reserved.map((key) => this.releasing(key, isRight));
    const [first, ...more] = [...counting, ...releasing];
    if (first) await this.database.group([first, ...more]);
  }

  /**
   * Resets what was counted for a name, from any address.
   * @param entry the audit entry
   * @returns whether there was anything
   */
  forget(name: string, entry: Statement): Promise<boolean> {
    const forgetting = this.rows
      .createQueryBuilder()
      .update({ points: 0, expire: this.clock.now() })
      .where([{ key: `username:${name}` }, { key: Like(`${pairsOf(name)}%`) }])
      .andWhere('points > 0');
    return this.database.group([forgetting, entry]);
  }

  /** The clock went back, or the limit's window was made shorter: nobody waits longer than the current window. */
  private async shorten({ key, window }: AttemptKey, now: number): Promise<void> {
    await this.database.run(() =>
      this.rows
        .createQueryBuilder()
        .update({ expire: now + window })
        .where({ key })
        .andWhere('expire > :latest', { latest: now + window + CLOCK_SKEW_MS })
        .execute(),
    );
  }

  /** Where nothing is counted, `expire` means nothing: a clock may be behind the one that wrote it. */
  private counting({ key, window }: AttemptKey): Statement {
    const now = this.clock.now();
    const isOpen = 'attempt_counters.points > 0 AND attempt_counters.expire > :now';
    return this.written(
      `INSERT INTO attempt_counters (key, points, expire)
        VALUES (:key, 1, :end)
        ON CONFLICT (key) DO UPDATE SET
          points = CASE WHEN ${isOpen} THEN attempt_counters.points + 1 ELSE 1 END,
          expire = CASE WHEN ${isOpen} THEN attempt_counters.expire ELSE :end END`,
      { key, now, end: now + window },
    );
  }

  private reserving({ key, most }: AttemptKey): Demand {
    const now = this.clock.now();
    const points =
      'CASE WHEN attempt_counters.expire > :now THEN attempt_counters.points ELSE 0 END';
    const running = `CASE WHEN attempt_counters.running_until > :now AND attempt_counters.running_until <= :latest
      THEN attempt_counters.running ELSE 0 END`;
    const statement = this.written(
      // A row that is touched outlives the sweep: what has expired expires now.
      `INSERT INTO attempt_counters (key, points, expire, running, running_until)
        VALUES (:key, 0, :now, 1, :until)
        ON CONFLICT (key) DO UPDATE SET
          points = ${points},
          expire = CASE WHEN attempt_counters.expire > :now THEN attempt_counters.expire ELSE :now END,
          running = ${running} + 1,
          running_until = :until
        WHERE ${points} + ${running} < :most`,
      {
        key,
        most,
        now,
        until: now + LONGEST_LOOK_MS,
        latest: now + LONGEST_LOOK_MS + CLOCK_SKEW_MS,
      },
    );
    return { statement, rows: 'some', otherwise: () => new TooManyAttempts(0) };
  }

  private releasing({ key, counted }: AttemptKey, isRight: boolean): Statement {
    return this.rows
      .createQueryBuilder()
      .update({
        running: () => 'CASE WHEN running > 0 THEN running - 1 ELSE 0 END',
        // The right password resets the pair's count.
        ...(isRight && counted === 'pair' && { points: 0, expire: this.clock.now() }),
      })
      .where({ key });
  }

  private written(text: string, values: Record<string, unknown>): Statement {
    const { driver } = this.rows.manager.dataSource;
    const [sql, parameters] = driver.escapeQueryWithParameters(text, values);
    return { getQueryAndParameters: () => [sql, parameters] };
  }
}
