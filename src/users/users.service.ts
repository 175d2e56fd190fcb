import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { MoreThan, Repository } from 'typeorm';
import { PasswordHasher } from '../crypto/password-hasher.js';
import { Database } from '../database/database.js';
import { UniqueViolation } from '../database/database-errors.js';
import { checkEmail, checkFullName, checkPassword, checkUsername } from './user-rules.js';
import { User } from './user.entity.js';
import { EmailTaken, UsernameTaken, UserNotFound } from './users.errors.js';

/** What `/users/me` and a login need of a row. */
export type Account = Pick<User, 'id' | 'email' | 'fullName' | 'hashedPassword' | 'disabled'> & {
  username: string;
};

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
    [this.selectByUsername] = users
      .createQueryBuilder('user')
      .select(['user.id', 'user.username', 'user.email', 'user.fullName'])
      .addSelect(['user.hashedPassword', 'user.disabled'])
      .where('user.username = :username', { username: '' })
      .getQueryAndParameters();
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

  /**
   * @throws InvalidUser
   * @throws UserNotFound
   */
  async setPassword(username: string, password: string): Promise<void> {
    checkPassword(password);
    await this.get(username);
    await this.update(username, { hashedPassword: await this.hasher.hash(password) });
  }

  /** @throws UserNotFound */
  async setDisabled(username: string, disabled: boolean): Promise<void> {
    await this.update(username, { disabled });
  }

  /** @throws UserNotFound */
  async delete(username: string): Promise<void> {
    const { affected } = await this.database.run(() => this.users.delete({ username }));
    if (affected === 0) throw new UserNotFound(username);
  }

  /** Puts a stronger hash of the same password in place, unless the password was changed meanwhile. */
  async replaceHash({ id, hashedPassword }: Account, password: string): Promise<boolean> {
    if (hashedPassword === null) return false;
    const renewed = await this.hasher.hash(password);
    const { affected } = await this.database.run(() =>
      this.users.update({ id, hashedPassword }, { hashedPassword: renewed }),
    );
    return affected === 1;
  }

  private async update(username: string, change: Partial<User>): Promise<void> {
    const { affected } = await this.database.run(() => this.users.update({ username }, change));
    if (affected === 0) throw new UserNotFound(username);
  }
}

/** A row as the driver returns it: SQLite has 0 and 1 for booleans, PostgreSQL has booleans. */
interface AccountRow {
  user_id: number;
  user_username: string;
  user_email: string | null;
  user_full_name: string | null;
  user_hashed_password: string | null;
  user_disabled: boolean | number | null;
}

function accountOf(row: AccountRow): Account {
  return {
    id: row.user_id,
    username: row.user_username,
    email: row.user_email,
    fullName: row.user_full_name,
    hashedPassword: row.user_hashed_password,
    disabled: row.user_disabled === null ? null : Boolean(row.user_disabled),
  };
}
