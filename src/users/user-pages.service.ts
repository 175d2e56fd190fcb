import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository, type SelectQueryBuilder } from 'typeorm';
import { Database } from '../database/database.js';
import { hasScope, scopeWord } from './scope-rules.js';
import { User } from './user.entity.js';

/** What users are sorted by: always something unique, with an index. */
export type UserOrder = 'id' | 'username' | 'email';

/** Which users to find; by the canonical form of a prefix, unless they are sorted by id. */
export interface UserSearch {
  order: UserOrder;
  prefix?: string | undefined;
  disabled?: boolean | undefined;
  scope?: string | undefined;
}

/** The name of a column in the statement, and how it is read from an entity. */
const COLUMNS = { id: 'user.id', username: 'user.usernameKey', email: 'user.emailKey' } as const;

/** Sorts after every character, in byte order. */
const LAST = '\u{10FFFF}';

/** Reads users page by page. Each page begins after the last user of the previous one, so that all cost the same. */
@Injectable()
export class UserPagesService {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly database: Database,
  ) {}

  /**
   * @param after the value of the sort column after which the page begins; it has the prefix too
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
    // Written as in the index.
    if (disabled === true) query.andWhere('user.disabled');
    if (disabled === false) query.andWhere('COALESCE(user.disabled, :no) = :no', { no: false });
    if (scope !== undefined) query.andWhere(hasScope('user.scopes'), scopeWord(scope));
    return query;
  }
}

/** The value after which the page following this user begins. */
export function placeOf(user: User, order: UserOrder): string | number | null {
  return { id: user.id, username: user.usernameKey, email: user.emailKey }[order];
}
