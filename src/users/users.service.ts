import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { MoreThan, Repository, type SelectQueryBuilder } from 'typeorm';
import { PasswordHasher } from '../crypto/password-hasher.js';
import { Database, type Statement } from '../database/database.js';
import { UniqueViolation } from '../database/database-errors.js';
import { type Account, type AccountRow, accountOf } from './account.js';
import { checkEmail, checkFullName, checkPassword, checkUsername } from './user-rules.js';
import { User } from './user.entity.js';
import { EmailTaken, UsernameTaken, UserNotFound } from './user-errors.js';

export interface NewUser {
  username: string;
  password: string;
  email?: string;
  fullName?: string;
  disabled?: boolean;
}

/** How many users `list()` reads at a time. */
const PAGE = 500;

@Injectable()
export class UsersService {
  private readonly selectByUsername: string;

  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly database: Database,
    private readonly hasher: PasswordHasher,
  ) {
    // The one statement behind every request: TypeORM writes it once, and each call only binds the name.
    [this.selectByUsername] = this.accountQuery().getQueryAndParameters();
  }

  /** Reads an `AccountRow` by `username`, under the alias `user`; other rooms join what they keep of a user. */
  accountQuery(): SelectQueryBuilder<User> {
    return this.users
      .createQueryBuilder('user')
      .select(['user.id', 'user.username', 'user.email', 'user.fullName'])
      .addSelect(['user.hashedPassword', 'user.disabled'])
      .where('user.username = :username', { username: '' });
  }

  /** Compares exactly: no trimming, no folding of case. */
  async findByUsername(username: string): Promise<Account | null> {
    const [row] = await this.database.query<AccountRow>(this.selectByUsername, [username]);
    return row ? accountOf(row) : null;
  }

  /** All users by id, a page in memory at a time. */
  async *list(): AsyncGenerator<User> {
    for (let lastId = 0; ;) {
      const page = await this.database.run(() =>
        this.users.find({ where: { id: MoreThan(lastId) }, order: { id: 'ASC' }, take: PAGE }),
      );
      yield* page;
      const last = page.at(-1);
      if (!last || page.length < PAGE) return;
      lastId = last.id;
    }
  }

  async hasAny(): Promise<boolean> {
    return this.database.run(() => this.users.exists());
  }

  /** @throws UserNotFound */
  async get(username: string): Promise<Account> {
    const account = await this.findByUsername(username);
    if (!account) throw new UserNotFound(username);
    return account;
  }

  /**
   * @throws InvalidUser naming the field
   * @throws UsernameTaken
   * @throws EmailTaken
   */
  async create({ username, password, email, fullName, disabled = false }: NewUser): Promise<void> {
    checkUsername(username);
    checkPassword(password);
    if (email !== undefined) checkEmail(email);
    if (fullName !== undefined) checkFullName(fullName);
    const hashedPassword = await this.hasher.hash(password);
    try {
      await this.database.run(() =>
        this.users.insert({ username, email, fullName, hashedPassword, disabled }),
      );
    } catch (error) {
      if (!(error instanceof UniqueViolation)) throw error;
      throw error.column === 'email' ? new EmailTaken(String(email)) : new UsernameTaken(username);
    }
  }

  /** @throws UserNotFound */
  async enable(username: string): Promise<void> {
    const { affected } = await this.database.run(() =>
      this.users.update({ username }, { disabled: false }),
    );
    if (affected === 0) throw new UserNotFound(username);
  }

  /** A change of a user's row, for a group of statements. */
  changing(username: string, change: Partial<User>): Statement {
    return this.users.createQueryBuilder().update(change).where({ username });
  }

  /** The end of a user's row, for a group of statements. */
  deleting(username: string): Statement {
    return this.users.createQueryBuilder().delete().where({ username });
  }

  /**
   * Holds the user's row as long as its group of statements runs, and only if it still has this password and is
   * not disabled: what a login rests on can't change beneath it.
   */
  holding({ id, hashedPassword }: Account): Statement {
    return this.users
      .createQueryBuilder()
      .update({ hashedPassword })
      .where({ id, hashedPassword })
      .andWhere('COALESCE(disabled, :no) = :no', { no: false });
  }

  /**
   * Puts a stronger hash of the same password in place, unless the password was changed meanwhile.
   * @returns the new hash, if it was put in place
   */
  async replaceHash(
    { id, hashedPassword }: Account,
    password: string,
  ): Promise<string | undefined> {
    if (hashedPassword === null) return undefined;
    const renewed = await this.hasher.hash(password);
    const { affected } = await this.database.run(() =>
      this.users.update({ id, hashedPassword }, { hashedPassword: renewed }),
    );
    return affected === 1 ? renewed : undefined;
  }
}
