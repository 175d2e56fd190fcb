import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Database, type Demand } from '../database/database.js';
import { USERS_WRITE } from '../http/scopes.js';
import { hasScope, scopeWord } from './scope-rules.js';
import { LastAdministrator } from './user-errors.js';
import { User } from './user.entity.js';

/** Who may log in, as a condition on a row of `users`; written so that SQLite begins with the scopes' index. */
const ENABLED =
  'COALESCE(disabled, :no) = :no AND COALESCE(pending_until, 0) = 0 AND hashed_password IS NOT NULL';

/** Over HTTP, the last user who can manage users stays one. */
@Injectable()
export class LastAdministratorRule {
  constructor(
    @InjectRepository(User) private readonly rows: Repository<User>,
    private readonly database: Database,
  ) {}

  /** Can any user log in and manage users? */
  hasAdministrator(): Promise<boolean> {
    return this.database.run(() =>
      this.rows
        .createQueryBuilder('user')
        .where(hasScope('scopes'), scopeWord(USERS_WRITE))
        .andWhere(ENABLED, { no: false })
        .getExists(),
    );
  }

  /**
   * A demand of a group, after its change, that a user is left who can log in and manage users. Of two groups at
   * once, on PostgreSQL, each touches the rows that the other changes, so that one sees what the other did.
   */
  requireAdministratorLeft(): Demand {
    const statement = this.rows
      .createQueryBuilder()
      .update({ scopes: () => 'scopes' })
      .where(hasScope('scopes'), scopeWord(USERS_WRITE))
      .andWhere(ENABLED, { no: false });
    return { statement, rows: 'some', otherwise: () => new LastAdministrator() };
  }
}
