import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Clock } from '../common/clock.js';
import { Database, type Statement } from '../database/database.js';
import { OutgoingMail } from './outgoing-mail.entity.js';

/**
 * How long a message stays claimed by one instance, in milliseconds: longer than an attempt can take. Then any other
 * may claim it, since that instance may be gone.
 */
const LEASE_MS = 120_000;

/** How many rows are deleted at a time. */
const BATCH = 50;

/** The sender's operations on the rows of messages. */
@Injectable()
export class DueMails {
  constructor(
    @InjectRepository(OutgoingMail) private readonly mails: Repository<OutgoingMail>,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /**
   * Claims the message that has been due longest; of several instances one gets it.
   * @returns undefined if none is due
   */
  async claimNext(): Promise<OutgoingMail | undefined> {
    for (;;) {
      const now = this.clock.now();
      const mail = await this.firstDue(now);
      if (!mail) return undefined;
      if (!(await this.change(mail, { dueAt: now + LEASE_MS }))) continue;
      mail.dueAt = now + LEASE_MS;
      return mail;
    }
  }

  /** For a group of statements: from now on it counts as tried. */
  beginning(mail: OutgoingMail): Statement {
    return this.changing(mail, { attempts: mail.attempts + 1 });
  }

  async postpone(mail: OutgoingMail, dueAt: number, attempts = mail.attempts): Promise<void> {
    await this.change(mail, { dueAt, attempts });
  }

  async remove({ id, dueAt }: OutgoingMail): Promise<void> {
    await this.database.run(() => this.mails.delete({ id, dueAt }));
  }

  /** Removes messages that were queued so long ago. @returns how many, a batch at most */
  async removeOlderThan(age: number): Promise<number> {
    const old = this.mails
      .createQueryBuilder('mail')
      .select('mail.id')
      .where('mail.createdAt <= :before')
      .limit(BATCH);
    const { affected } = await this.database.run(() =>
      this.mails
        .createQueryBuilder()
        .delete()
        .where(`id IN (${old.getQuery()})`, { before: this.clock.now() - age })
        .execute(),
    );
    return affected ?? 0;
  }

  private firstDue(now: number): Promise<OutgoingMail | null> {
    return this.database.run(() =>
      this.mails
        .createQueryBuilder('mail')
        .where('mail.dueAt <= :now', { now })
        .orderBy('mail.dueAt')
        .addOrderBy('mail.id')
        .limit(1)
        .getOne(),
    );
  }

  /** Changes it only if it is unchanged since it was read. @returns whether it was */
  private async change(mail: OutgoingMail, values: Partial<OutgoingMail>): Promise<boolean> {
    const { affected } = await this.database.run(() => this.changing(mail, values).execute());
    return affected === 1;
  }

  private changing({ id, dueAt }: OutgoingMail, values: Partial<OutgoingMail>) {
    return this.mails.createQueryBuilder().update().set(values).where({ id, dueAt });
  }
}
