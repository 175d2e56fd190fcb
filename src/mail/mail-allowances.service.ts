import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { canonicalAddress } from '../common/canonical-text.js';
import { Clock } from '../common/clock.js';
import { Database, type Statement } from '../database/database.js';
import { MailAllowance } from './mail-allowance.entity.js';

/** How long a message counts, in milliseconds. */
export const HOUR_MS = 3_600_000;

/** Of `address_key`; PostgreSQL refuses what is longer. */
const LONGEST_KEY = 254;

/** At most 3 messages an hour to an address, however many instances send. */
@Injectable()
export class MailAllowances {
  constructor(
    @InjectRepository(MailAllowance) private readonly allowances: Repository<MailAllowance>,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /**
   * Uses up one of the hour's messages, for a group of statements: affects no row if none is left. One statement,
   * so that of many at once three succeed.
   */
  taking(address: string): Statement {
    const now = this.clock.now();
    const [sql, parameters] = this.allowances.manager.dataSource.driver.escapeQueryWithParameters(
      `INSERT INTO mail_allowances (address_key, last_at, second_last_at, third_last_at)
        VALUES (:key, :now, 0, 0)
        ON CONFLICT (address_key) DO UPDATE SET
          third_last_at = mail_allowances.second_last_at,
          second_last_at = mail_allowances.last_at,
          last_at = excluded.last_at
        WHERE mail_allowances.third_last_at <= :before`,
      { key: keyOf(address), now, before: now - HOUR_MS },
    );
    return { getQueryAndParameters: () => [sql, parameters] };
  }

  /** When the address may have its next message. */
  async freeAt(address: string): Promise<number> {
    const addressKey = keyOf(address);
    const found = await this.database.run(() => this.allowances.findOneBy({ addressKey }));
    return found ? found.thirdLastAt + HOUR_MS : this.clock.now();
  }

  /** When the address was sent its last messages, three at most, newest first, in milliseconds since the epoch. */
  async list(address: string): Promise<number[]> {
    const addressKey = keyOf(address);
    const found = await this.database.run(() => this.allowances.findOneBy({ addressKey }));
    const times = found ? [found.lastAt, found.secondLastAt, found.thirdLastAt] : [];
    return times.filter((time) => time > 0);
  }
}

/** As long as the column takes: an address in an adopted database may be longer, and is refused on delivery. */
function keyOf(address: string): string {
  return canonicalAddress(address).slice(0, LONGEST_KEY);
}
