import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, Repository } from 'typeorm';
import { Clock } from '../common/clock.js';
import { Database, type Statement } from '../database/database.js';
import { OutgoingMail } from './outgoing-mail.entity.js';

/** A message to be sent: what it needs is in the table, and in the kind's composer. */
export interface MailOrder {
  kind: string;
  userId?: number;
  address?: string;
}

/** How many messages `list()` returns at most. */
const MOST_LISTED = 500;

/** Puts messages where the sender finds them. */
@Injectable()
export class Outbox {
  constructor(
    @InjectRepository(OutgoingMail) private readonly mails: Repository<OutgoingMail>,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** @throws DatabaseUnavailable */
  async post(order: MailOrder): Promise<void> {
    await this.database.run(() => this.mails.insert(this.rowOf(order)));
  }

  /** What is still to be sent about a user, or because someone entered their address. */
  list(userId: number, address: string | null): Promise<OutgoingMail[]> {
    const typed = address === null ? [] : [{ userId: IsNull(), address }];
    const where = [{ userId }, ...typed];
    return this.database.run(() => this.mails.find({ where, take: MOST_LISTED }));
  }

  /** How many messages are still to be sent. */
  count(): Promise<number> {
    return this.database.run(() => this.mails.count());
  }

  /** The same for a group of statements, so that a change and the message about it are one. */
  posting(order: MailOrder): Statement {
    return this.mails.createQueryBuilder().insert().values(this.rowOf(order));
  }

  /** The same for a user who is created in the same group. @param order without the user's id */
  postingToNew(username: string, order: Omit<MailOrder, 'userId'>): Statement {
    return this.mails
      .createQueryBuilder()
      .insert()
      .values({
        ...this.rowOf(order),
        userId: () => '(SELECT id FROM users WHERE username = :username)',
      })
      .setParameters({ username });
  }

  /**
   * Withdraws what is still to be sent about a user, for a group of statements.
   * @param kind all kinds if omitted
   */
  dropping(userId: number, kind?: string): Statement {
    const where = kind === undefined ? { userId } : { userId, kind };
    return this.mails.createQueryBuilder().delete().where(where);
  }

  /** Locks a message while its group of statements runs, if it was not withdrawn. */
  holding({ id }: OutgoingMail): Statement {
    return this.mails
      .createQueryBuilder()
      .update({ attempts: () => 'attempts' })
      .where({ id });
  }

  private rowOf({ kind, userId, address }: MailOrder) {
    const now = this.clock.now();
    return {
      kind,
      userId: userId ?? null,
      address: address ?? null,
      attempts: 0,
      createdAt: now,
      dueAt: now,
    };
  }
}
