import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { MoreThan, Repository, type SelectQueryBuilder } from 'typeorm';
import { Recorder } from '../audit/recorder.js';
import { canonicalAddress, canonicalName } from '../common/canonical-text.js';
import { Clock } from '../common/clock.js';
import { PasswordHasher } from '../crypto/password-hasher.js';
import { type Demand, Database, type Statement } from '../database/database.js';
import { UniqueViolation } from '../database/database-errors.js';
import { Prepared } from '../database/prepared.js';
import { PasswordPolicy } from '../passwords/password-policy.js';
import { addressColumns } from './address-columns.js';
import { type LoginUser, type LoginUserRow, loginUserOf } from './login-user.js';
import { ReleasedUsername } from './released-username.entity.js';
import { checkUser } from './user-rules.js';
import { User } from './user.entity.js';
import { EmailTaken, UsernameTaken, UserNotFound } from './user-errors.js';

export interface NewUser {
  username: string;
  password: string;
  email?: string;
  fullName?: string;
  disabled?: boolean;
}

/** A user as it is stored. */
export type NewRow = Partial<Omit<User, 'id' | 'username' | 'email'>> & {
  username: string;
  email?: string | undefined;
};

/** How many users `list()` reads at a time. */
const PAGE = 500;

@Injectable()
export class UsersService {
  private readonly selectByUsername: Prepared;

  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    @InjectRepository(ReleasedUsername) private readonly released: Repository<ReleasedUsername>,
    private readonly database: Database,
    private readonly hasher: PasswordHasher,
    private readonly policy: PasswordPolicy,
    private readonly recorder: Recorder,
    private readonly clock: Clock,
  ) {
    this.selectByUsername = new Prepared(this.accountQuery(), ['username']);
  }

  /** Reads an `LoginUserRow` by `:username`, under the alias `user`; other modules join their own tables. */
  accountQuery(): SelectQueryBuilder<User> {
    return this.users
      .createQueryBuilder('user')
      .select(['user.id', 'user.username', 'user.email', 'user.fullName'])
      .addSelect(['user.hashedPassword', 'user.disabled', 'user.scopes', 'user.pendingUntil'])
      .where('user.username = :username');
  }

  /** Compares exactly: no trimming, no case folding. */
  async findByUsername(username: string): Promise<LoginUser | null> {
    const [row] = await this.database.read<LoginUserRow>(this.selectByUsername, { username });
    return row ? loginUserOf(row) : null;
  }

  /** All users by id, with one page in memory at a time. */
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
  async get(username: string): Promise<LoginUser> {
    const account = await this.findByUsername(username);
    if (!account) throw new UserNotFound(username);
    return account;
  }

  findById(id: number): Promise<User | null> {
    return this.database.run(() => this.users.findOneBy({ id }));
  }

  /** The user with exactly this address, or else one that differs only in case. */
  async findByAddress(address: string): Promise<User | null> {
    const users = await this.database.run(() =>
      this.users.find({
        where: [{ email: address }, { emailKey: canonicalAddress(address) }],
        take: 2,
      }),
    );
    return users.find(({ email }) => email === address) ?? users[0] ?? null;
  }

  /**
   * An operator's action.
   * @throws InvalidFields
   * @throws UsernameTaken
   * @throws EmailTaken
   */
  async create({ username, password, email, fullName, disabled = false }: NewUser): Promise<void> {
    const fields = checkUser({ username, email, full_name: fullName });
    await this.policy.check(password, { username, email });
    const hashedPassword = await this.hasher.hash(password);
    const row = { ...fields, username: fields.username ?? username, fullName, hashedPassword };
    await this.add({ ...row, disabled }, [
      this.recorder.recordingOwn('user_created', { username: row.username, details: { disabled } }),
    ]);
  }

  /** Does any user have this name, or one that could be mistaken for it? */
  async isNameTaken(username: string): Promise<boolean> {
    const where = [{ username }, { usernameKey: canonicalName(username) }];
    return this.database.run(() => this.users.existsBy(where));
  }

  /**
   * Makes a user.
   * @param more statements in the same transaction, an audit entry at least
   * @throws UsernameTaken
   * @throws EmailTaken
   * @throws what a demand is refused with
   */
  async add(user: NewRow, more: readonly (Statement | Demand)[]): Promise<void> {
    try {
      await this.database.group([this.inserting(user), ...more]);
    } catch (error) {
      throw takenBy(error, user);
    }
  }

  /** @throws UserNotFound */
  async enable(username: string): Promise<void> {
    const user = await this.get(username);
    const details = { disabled: false };
    const isDone = await this.database.group([
      this.changing(user.id, details),
      this.recorder.recordingOwn('user_changed', { user, reason: 'disabled', details }),
    ]);
    if (!isDone) throw new UserNotFound(username);
  }

  /** A change of a user's row, for a group of statements. */
  changing(id: number, change: Partial<User>): Statement {
    return this.users.createQueryBuilder().update(change).where({ id });
  }

  /** The end of a user's row, for a group of statements. */
  deleting(id: number): Statement {
    return this.users.createQueryBuilder().delete().where({ id });
  }

  /** Keeps a deleted user's name from being reused before then, in milliseconds since the epoch. */
  releasing(username: string, freeAt: number): Statement {
    return this.released
      .createQueryBuilder()
      .insert()
      .values({ usernameKey: canonicalName(username), freeAt })
      .orUpdate(['free_at'], ['username_key']);
  }

  /** The name did not belong to another user until lately, whose tokens may still be valid. */
  requireFree(username: string): Demand {
    const statement = this.released
      .createQueryBuilder()
      .update({ freeAt: () => 'free_at' })
      .where({ usernameKey: canonicalName(username), freeAt: MoreThan(this.clock.now()) });
    return { statement, rows: 'none', otherwise: () => new UsernameTaken(username) };
  }

  /**
   * Locks the user's row while its group of statements runs, and only if it still has this password and is
   * not disabled: what a login depends on can't change during it.
   */
  holding({ id, hashedPassword }: LoginUser): Statement {
    return this.users
      .createQueryBuilder()
      .update({ hashedPassword })
      .where({ id, hashedPassword })
      .andWhere('COALESCE(disabled, :no) = :no', { no: false });
  }

  /**
   * Stores a stronger hash of the same password, unless the password was changed meanwhile, or others wait for
   * a core: the next login can do it.
   * @returns the new hash, if it was stored
   */
  async replaceHash(
    { id, hashedPassword }: LoginUser,
    password: string,
  ): Promise<string | undefined> {
    if (hashedPassword === null || this.hasher.isAwaited) return undefined;
    const renewed = await this.hasher.hash(password);
    const { affected } = await this.database.run(() =>
      this.users.update({ id, hashedPassword }, { hashedPassword: renewed }),
    );
    return affected === 1 ? renewed : undefined;
  }

  private inserting({ username, email, ...rest }: NewRow): Statement {
    return this.users
      .createQueryBuilder()
      .insert()
      .values({
        disabled: false,
        ...rest,
        username,
        usernameKey: canonicalName(username),
        ...addressColumns(email),
        createdAt: this.clock.now(),
      });
  }
}

/** The violation of a unique index as an error about a user; any other error as it is. */
export function takenBy(error: unknown, { username, email }: Pick<NewRow, 'username' | 'email'>) {
  if (!(error instanceof UniqueViolation)) return error;
  const isAddress = error.column.startsWith('email');
  return isAddress ? new EmailTaken(String(email)) : new UsernameTaken(username);
}
