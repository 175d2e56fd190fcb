import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Clock } from '../common/clock.js';
import { Database, type Statement } from '../database/database.js';
import { RevocationCounter } from './revocation-counter.entity.js';
import { type RevokedReason, Session } from './session.entity.js';

/** Which sessions: a condition on the columns of `sessions`, with its parameters. */
interface Which {
  condition: string;
  parameters: Record<string, unknown>;
}

/** Ends sessions before their time. */
@Injectable()
export class RevocationsService {
  constructor(
    @InjectRepository(Session) private readonly sessions: Repository<Session>,
    @InjectRepository(RevocationCounter) private readonly counter: Repository<RevocationCounter>,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** @returns whether there was such a session, and it was not over */
  end(sid: string, reason: RevokedReason): Promise<boolean> {
    return this.run({ condition: 'id = :sid', parameters: { sid } }, reason);
  }

  /** @returns whether it was a live session of this user */
  endOf(userId: number, sid: string, reason: RevokedReason): Promise<boolean> {
    const condition = 'id = :sid AND user_id = :userId';
    return this.run({ condition, parameters: { sid, userId } }, reason);
  }

  /** @param except the id of a session that goes on */
  async endAllOf(userId: number, reason: RevokedReason, except?: string): Promise<void> {
    const parameters = { userId, except: except ?? '' };
    await this.run({ condition: 'user_id = :userId AND id <> :except', parameters }, reason);
  }

  /** The end of all sessions of a user, for a group of statements with the change that is the reason. */
  endingAllOf(username: string, reason: RevokedReason): Statement[] {
    const condition = 'user_id = (SELECT id FROM users WHERE username = :username)';
    return this.ending({ condition, parameters: { username } }, reason);
  }

  private run(which: Which, reason: RevokedReason): Promise<boolean> {
    return this.database.group(this.ending(which, reason));
  }

  /** Counts, if there is anything to end, and then ends it. */
  private ending({ condition, parameters }: Which, reason: RevokedReason): [Statement, Statement] {
    const now = this.clock.now();
    const live = `${condition} AND revoked_at IS NULL AND expires_at > :now`;
    const count = this.counter
      .createQueryBuilder()
      .update({ value: () => 'value + 1' })
      .where(`EXISTS (SELECT 1 FROM sessions WHERE ${live})`, { ...parameters, now });
    const end = this.sessions
      .createQueryBuilder()
      .update({
        revokedAt: now,
        revokedReason: reason,
        revokedSeq: () => '(SELECT value FROM revocation_counter)',
        expiresAt: () => 'tokens_expire_at',
      })
      .where(live, { ...parameters, now });
    return [count, end];
  }
}
