import { Injectable } from '@nestjs/common';
import type { RequestContext } from '../http/request-context.js';
import { TokenUserNotFound } from '../http/bearer-errors.js';
import { IncorrectPassword } from '../login/login-errors.js';
import { LoginService } from '../login/login.service.js';
import { Recorder } from '../audit/recorder.js';
import { parseScope, USERS_WRITE } from '../http/scopes.js';
import { Database, type Demand } from '../database/database.js';
import { Outbox } from '../mail/outbox.service.js';
import type { LoginUser } from '../users/login-user.js';
import { Profile, type ProfileResponse } from '../users/dto/profile.js';
import { LastAdministratorRule } from '../users/last-administrator.js';
import { UsersService } from '../users/users.service.js';
import type {
  DeletionBody,
  EmailChangeBody,
  PasswordChangeBody,
  ProfileChangeBody,
} from './account-bodies.js';
import { AccountsService } from './accounts.service.js';
import { MailNotice } from './dto/mail-notice.js';

/** What users may do about their own account. */
@Injectable()
export class OwnAccountService {
  constructor(
    private readonly users: UsersService,
    private readonly lastAdministrator: LastAdministratorRule,
    private readonly accounts: AccountsService,
    private readonly login: LoginService,
    private readonly outbox: Outbox,
    private readonly database: Database,
    private readonly recorder: Recorder,
  ) {}

  /** @throws TokenUserNotFound */
  async changeProfile(
    context: RequestContext,
    user: LoginUser,
    change: ProfileChangeBody,
  ): Promise<ProfileResponse> {
    const { full_name: fullName } = change;
    if (fullName === undefined) return { 'user data': Profile.of(user) };
    const isDone = await this.database.group([
      this.users.changing(user.id, { fullName }),
      this.recorder.recording('user_changed', context, { user, reason: 'full_name' }),
    ]);
    if (!isDone) throw new TokenUserNotFound(user.username);
    return { 'user data': Profile.of({ ...user, fullName }) };
  }

  /**
   * Ends every session but the current one.
   * @throws IncorrectPassword
   * @throws TooManyAttempts
   * @throws InvalidFields
   */
  async changePassword(
    context: RequestContext,
    user: LoginUser,
    body: PasswordChangeBody,
    current: string | undefined,
  ): Promise<void> {
    await this.login.confirm(context, user, body.current_password, 'current_password');
    await this.accounts.changePassword(user, body.new_password, {
      entry: this.recorder.recording('password_changed', context, { user }),
      field: 'new_password',
      except: current,
      onlyIf: this.requireSamePassword(user, 'current_password'),
    });
  }

  /**
   * Sends a link to the new address, and a notice to the current one. A link that was sent to another address
   * before becomes invalid.
   * @throws IncorrectPassword
   * @throws TooManyAttempts
   */
  async changeEmail(
    context: RequestContext,
    user: LoginUser,
    body: EmailChangeBody,
  ): Promise<MailNotice> {
    await this.login.confirm(context, user, body.password, 'password');
    const { id: userId, email } = user;
    const asking = this.outbox.posting({ kind: 'change_email', userId, address: body.email });
    const telling = { kind: 'email_change_requested', userId, address: email ?? '' };
    await this.database.group([
      this.requireSamePassword(user, 'password'),
      ...this.accounts.droppingEmailChange(userId),
      asking,
      ...(email ? [this.outbox.posting(telling)] : []),
      this.recorder.recording('email_change_requested', context, { user }),
    ]);
    return MailNotice.SENT;
  }

  /**
   * @throws IncorrectPassword
   * @throws TooManyAttempts
   * @throws LastAdministrator
   */
  async delete(
    context: RequestContext,
    user: LoginUser,
    { password }: DeletionBody,
  ): Promise<void> {
    await this.login.confirm(context, user, password, 'password');
    const isAdministrator = parseScope(user.scopes).includes(USERS_WRITE);
    await this.accounts.remove(user, {
      entry: this.recorder.recording('user_deleted', context, { user }),
      onlyIf: this.requireSamePassword(user, 'password'),
      demands: isAdministrator ? [this.lastAdministrator.requireAdministratorLeft()] : [],
    });
  }

  /** The password that was checked is still the current one. */
  private requireSamePassword(user: LoginUser, field: string): Demand {
    const otherwise = () => new IncorrectPassword(field);
    return { statement: this.users.holding(user), rows: 'some', otherwise };
  }
}
