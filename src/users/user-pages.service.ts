import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository, type SelectQueryBuilder } from 'typeorm';
import { Database } from '../database/database.js';
import { hasScope, scopeWord } from './scope-rules.js';
import { User } from './user.entity.js';

/** By what users are put in order: always something unique, with an index. */
export type UserOrder = 'id' | 'username' | 'email';

/** Which users are looked for; by the canonical form of a prefix, unless the order is that of ids. */
export interface UserSearch {
  order: UserOrder;
  prefix?: string | undefined;
  disabled?: boolean | undefined;
  scope?: string | undefined;
}

/** How a column is called in the statement, and how it is read from an entity. */
const COLUMNS = { id: 'user.id', username: 'user.usernameKey', email: 'user.emailKey' } as const;

/** Comes after every character there is, in the order of bytes. */
const LAST = '\u{10FFFF}';

/** Reads users page by page. Each page begins behind the last user of the one before, so that all cost the same. */
@Injectable()
export class UserPagesService {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly database: Database,
  ) {}

  /**
   * @param after the value of the order's column that the page begins behind; it has the prefix too
   * @param count of users, at most
   */
  page(search: UserSearch, after: string | number | undefined, count: number): Promise<User[]> {
    return this.database.run(() => this.queryOf(search, after).limit(count).getMany());
  }

  private queryOf(
    { order, prefix, disabled, scope }: UserSearch,
    after: string | number | undefined,
  ): SelectQueryBuilder<User> {
    const column = COLUMNS[order];
    const query = this.users.createQueryBuilder('user').orderBy(column);
    // One lower bound alone: of two, SQLite's index may begin at the wrong one, and read all between.
    if (after !== undefined) query.andWhere(`${column} > :after`, { after });
    else if (prefix !== undefined) query.andWhere(`${column} >= :prefix`, { prefix });
    if (prefix !== undefined) query.andWhere(`${column} < :end`, { end: prefix + LAST });
    // As the index says it.
    if (disabled === true) query.andWhere('user.disabled');
    if (disabled === false) query.andWhere('COALESCE(user.disabled, :no) = :no', { no: false });
    if (scope !== undefined) query.andWhere(hasScope('user.scopes'), scopeWord(scope));
    return query;
  }
}

/** The value that a page after this user begins behind. */
export function placeOf(user: User, order: UserOrder): string | number | null {
  return { id: user.id, username: user.usernameKey, email: user.emailKey }[order];
}
