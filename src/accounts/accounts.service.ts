import { Injectable } from '@nestjs/common';
import { Recorder } from '../audit/recorder.js';
import { Clock } from '../common/clock.js';
import { TokenSettings } from '../config/settings.js';
import { PasswordHasher } from '../crypto/password-hasher.js';
import { Database, type Demand, type Statement } from '../database/database.js';
import { Outbox } from '../mail/outbox.service.js';
import { OneTimeTokensService } from '../one-time-tokens/one-time-tokens.service.js';
import { PasswordPolicy } from '../passwords/password-policy.js';
import { RevocationsService } from '../sessions/revocations.service.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { CLOCK_SKEW_S } from '../tokens/check-claims.js';
import { UserNotFound } from '../users/user-errors.js';
import type { User } from '../users/user.entity.js';
import { UsersService } from '../users/users.service.js';

/** Whose account it is, as the table has it. */
export type Owner = Pick<User, 'id' | 'username' | 'email'>;

/** The circumstances of a password change. */
interface PasswordChange {
  /** What the audit trail says about it. */
  entry: Statement;
  /** The name of the field that holds the password. */
  field?: string;
  /** The id of a session that is kept. */
  except?: string | undefined;
  /** Other columns of the user that change with it. */
  change?: Partial<User>;
  /** What has to hold first. */
  onlyIf?: Demand;
  /** What the change is made under. */
  demands?: readonly Demand[];
}

/** The circumstances of a deletion. */
type Removal = Pick<PasswordChange, 'entry' | 'onlyIf' | 'demands'>;

/** The changes of a user that end their sessions: both in one transaction, all or nothing. */
@Injectable()
export class AccountsService {
  constructor(
    private readonly users: UsersService,
    private readonly revocations: RevocationsService,
    private readonly sessions: SessionsService,
    private readonly oneTimeTokens: OneTimeTokensService,
    private readonly outbox: Outbox,
    private readonly hasher: PasswordHasher,
    private readonly policy: PasswordPolicy,
    private readonly recorder: Recorder,
    private readonly database: Database,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
  ) {}

  /**
   * An operator's action, on a user by name.
   * @throws InvalidFields
   * @throws UserNotFound
   */
  async setPassword(username: string, password: string): Promise<void> {
    const user = await this.users.get(username);
    const entry = this.recorder.recordingOwn('password_changed', { user });
    await this.changePassword(user, password, { entry });
  }

  /** @throws UserNotFound */
  async disable(username: string): Promise<void> {
    const user = await this.users.get(username);
    const details = { disabled: true };
    await this.database.group([
      this.changing(user, details),
      ...this.revocations.endingAllOf(user.id, 'user_disabled'),
      this.recorder.recordingOwn('user_changed', { user, reason: 'disabled', details }),
    ]);
  }

  /** @throws UserNotFound */
  async delete(username: string): Promise<void> {
    const user = await this.users.get(username);
    await this.remove(user, { entry: this.recorder.recordingOwn('user_deleted', { user }) });
  }

  /**
   * Changes the password, ends the sessions, revokes what anyone with the old one could have requested, and notifies
   * the user by mail.
   * @throws InvalidFields that says why the password is refused
   * @throws UserNotFound
   * @throws what a demand is refused with
   */
  async changePassword(user: Owner, password: string, how: PasswordChange): Promise<void> {
    const { entry, field, except, change, onlyIf, demands = [] } = how;
    await this.policy.check(password, user, field);
    const hashedPassword = await this.hasher.hash(password);
    const notice = this.noticeTo(user, 'password_changed');
    await this.database.group([
      ...this.changingIf(onlyIf, user, { ...change, hashedPassword }),
      ...this.revocations.endingAllOf(user.id, 'password_changed', except),
      ...demands,
      this.oneTimeTokens.dropping(user.id, ['reset_password', 'set_password']),
      ...this.droppingEmailChange(user.id),
      ...notice,
      entry,
    ]);
  }

  /**
   * Deletes the user and what there is of them.
   * @throws UserNotFound
   * @throws what a demand is refused with
   */
  async remove(user: Owner, { entry, onlyIf, demands = [] }: Removal): Promise<void> {
    const disabling = this.changingIf(onlyIf, user, { disabled: true });
    await this.database.group([...disabling, ...demands, ...this.removing(user), entry]);
  }

  /**
   * The end of a user and of what there is of them, for a group of statements that changes the row first, so that
   * all that end sessions lock in one order. The name isn't reusable while a token of theirs could be valid.
   */
  removing({ id, username }: Owner): Statement[] {
    const freeAt = this.clock.now() + (this.settings.accessTokenLifetime + 2 * CLOCK_SKEW_S) * 1000;
    return [
      ...this.revocations.endingAllOf(id, 'user_deleted'),
      this.sessions.forgetting(id),
      this.outbox.dropping(id),
      ...(username === null ? [] : [this.users.releasing(username, freeAt)]),
      this.users.deleting(id),
    ];
  }

  /** Withdraws the last requested change of address, for a group of statements. */
  droppingEmailChange(id: number): Statement[] {
    // The mail first: no link is made for one that is gone.
    return [
      this.outbox.dropping(id, 'change_email'),
      this.oneTimeTokens.dropping(id, ['change_email']),
    ];
  }

  /**
   * What ends when a user gets another address, for a group of statements: what was sent to the one they have, and
   * a change that they requested before; the one they have gets a notice.
   */
  leavingAddress(user: Owner): Statement[] {
    return [
      ...this.droppingEmailChange(user.id),
      this.oneTimeTokens.dropping(user.id, ['reset_password', 'set_password', 'verify_email']),
      ...this.noticeTo(user, 'email_changed'),
    ];
  }

  private changingIf(
    onlyIf: Demand | undefined,
    user: Owner,
    change: Partial<User>,
  ): [Demand, ...Demand[]] {
    const changing = this.changing(user, change);
    return onlyIf ? [onlyIf, changing] : [changing];
  }

  private changing({ id, username }: Owner, change: Partial<User>): Demand {
    return {
      statement: this.users.changing(id, change),
      rows: 'some',
      otherwise: () => new UserNotFound(String(username)),
    };
  }

  private noticeTo({ id, email }: Owner, kind: string): Statement[] {
    return email ? [this.outbox.posting({ kind, userId: id, address: email })] : [];
  }
}
