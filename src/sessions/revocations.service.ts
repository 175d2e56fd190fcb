import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Clock } from '../common/clock.js';
import { Database, type Statement } from '../database/database.js';
import { CLOCK_SKEW_S } from '../tokens/check-claims.js';
import { RevocationCounter } from './revocation-counter.entity.js';
import { KEPT_MS, type RevokedReason, Session } from './session.entity.js';

/** Which sessions: a condition on the columns of `sessions`, with its parameters. */
interface Which {
  condition: string;
  parameters: Record<string, unknown>;
  /** Only those that expire later than this, in milliseconds since the epoch. */
  after?: number;
}

/** The sessions that were ended after a cursor, and the cursor up to which the list is complete. */
export interface Revocations {
  /** The count of revocations. */
  cursor: number;
  /** `exp`: when the last access token of the session expires, in seconds since the epoch. */
  revoked: { sid: string; exp: number }[];
}

/** Ends sessions before they expire, and lists which were. */
@Injectable()
export class RevocationsService {
  private readonly selectEnded: string;

  constructor(
    @InjectRepository(Session) private readonly sessions: Repository<Session>,
    @InjectRepository(RevocationCounter) private readonly counter: Repository<RevocationCounter>,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {
    [this.selectEnded] = counter
      .createQueryBuilder('counter')
      .select('counter.value')
      .leftJoin(
        Session,
        'session',
        'session.revokedSeq > :since AND session.tokensExpireAt > :after',
        // Strings, because TypeORM inlines numbers into SQLite's statements.
        { since: '', after: '' },
      )
      .addSelect(['session.id', 'session.tokensExpireAt'])
      .orderBy('session.revokedSeq')
      .getQueryAndParameters();
  }

  /**
   * @param entry the audit entry
   * @returns whether there was such a session, and it was not over
   */
  end(sid: string, reason: RevokedReason, entry: Statement): Promise<boolean> {
    return this.run({ condition: 'id = :sid', parameters: { sid } }, reason, entry);
  }

  /**
   * @param entry the audit entry
   * @returns whether it was a live session of this user
   */
  endOf(userId: number, sid: string, reason: RevokedReason, entry: Statement): Promise<boolean> {
    const condition = 'id = :sid AND user_id = :userId';
    const after = this.clock.now();
    return this.run({ condition, parameters: { sid, userId }, after }, reason, entry);
  }

  /**
   * Ends all sessions of a user, for a group of statements; the change that is the reason comes first.
   * @param except the id of a session that is kept
   */
  endingAllOf(userId: number, reason: RevokedReason, except = ''): [Statement, ...Statement[]] {
    const condition = 'user_id = :userId AND id <> :except';
    return this.ending({ condition, parameters: { userId, except } }, reason);
  }

  /**
   * The sessions that were ended after `since`, an earlier cursor, and of which an access token may still be valid.
   * A cursor that has not been handed out yet is from another database: then it is all of them.
   */
  async after(since: number): Promise<Revocations> {
    const parameters = [since, this.clock.now() - CLOCK_SKEW_S * 1000];
    const rows = await this.database.query<EndedRow>(this.selectEnded, parameters);
    const cursor = Number(rows[0]?.counter_value ?? 0);
    if (since > cursor) return this.after(0);
    const revoked = rows.flatMap((row) =>
      row.session_id === null
        ? []
        : [{ sid: row.session_id, exp: Math.ceil(Number(row.session_tokens_expire_at) / 1000) }],
    );
    return { cursor, revoked };
  }

  /** How many there have been: the newest cursor. */
  async count(): Promise<number> {
    const counter = await this.database.run(() => this.counter.findOneByOrFail({ id: 1 }));
    return counter.value;
  }

  private run(which: Which, reason: RevokedReason, entry: Statement): Promise<boolean> {
    return this.database.group([...this.ending(which, reason), entry]);
  }

  /**
   * Ends them, and if there were any, counts and gives them the number. In this order, so that of several at once
   * on PostgreSQL one ends a session, and the others find it ended. By default also what is expired by this clock, but
   * could be refreshed by another.
   */
  private ending(
    { condition, parameters, after }: Which,
    reason: RevokedReason,
  ): [Statement, ...Statement[]] {
    const now = this.clock.now();
    const unnumbered = `${condition} AND revoked_at IS NOT NULL AND revoked_seq IS NULL`;
    const end = this.sessions
      .createQueryBuilder()
      .update({ revokedAt: now, revokedReason: reason, expiresAt: () => 'tokens_expire_at' })
      .where(`${condition} AND revoked_at IS NULL AND expires_at > :after`, {
        ...parameters,
        after: after ?? now - KEPT_MS,
      });
    const count = this.counter
      .createQueryBuilder()
      .update({ value: () => 'value + 1' })
      .where(`EXISTS (SELECT 1 FROM sessions WHERE ${unnumbered})`, parameters);
    const number = this.sessions
      .createQueryBuilder()
      .update({ revokedSeq: () => '(SELECT value FROM revocation_counter)' })
      .where(unnumbered, parameters);
    return [end, count, number];
  }
}

/** A row as the driver returns it; PostgreSQL's returns a bigint as a string. */
interface EndedRow {
  counter_value: number | string;
  session_id: string | null;
  session_tokens_expire_at: number | string | null;
}
