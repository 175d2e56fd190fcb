import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { PasswordAttempts } from '../attempts/password-attempts.service.js';
import { parseScope, USERS_WRITE } from '../common/scopes.js';
import { SecurityLog } from '../common/security-log.js';
import { Database, type Demand } from '../database/database.js';
import { Outbox } from '../mail/outbox.service.js';
import type { Account } from '../users/account.js';
import { Profile, type ProfileResponse } from '../users/dto/profile.js';
import { UserScopesService } from '../users/user-scopes.service.js';
import { UsersService } from '../users/users.service.js';
import type {
  DeletionBody,
  EmailChangeBody,
  PasswordChangeBody,
  ProfileChangeBody,
} from './account-bodies.js';
import { IncorrectPassword, TokenUserGone } from './account-errors.js';
import { AccountsService } from './accounts.service.js';
import { MailNotice } from './dto/mail-notice.js';

/** What users may do about their own account. */
@Injectable()
export class OwnAccountService {
  constructor(
    private readonly users: UsersService,
    private readonly scopes: UserScopesService,
    private readonly accounts: AccountsService,
    private readonly attempts: PasswordAttempts,
    private readonly outbox: Outbox,
    private readonly database: Database,
    private readonly securityLog: SecurityLog,
  ) {}

  /** @throws TokenUserGone */
  async changeProfile(user: Account, change: ProfileChangeBody): Promise<ProfileResponse> {
    const { full_name: fullName } = change;
    if (fullName === undefined) return { 'user data': Profile.of(user) };
    const isDone = await this.database.group([this.users.changing(user.id, { fullName })]);
    if (!isDone) throw new TokenUserGone();
    return { 'user data': Profile.of({ ...user, fullName }) };
  }

  /**
   * Ends every session but the current one.
   * @throws IncorrectPassword
   * @throws TooManyAttempts
   * @throws InvalidFields
   */
  async changePassword(
    request: Request,
    user: Account,
    body: PasswordChangeBody,
    current: string | undefined,
  ): Promise<void> {
    await this.checkPassword(request, user, body.current_password, 'current_password');
    await this.accounts.changePassword(user, body.new_password, {
      field: 'new_password',
      except: current,
      onlyIf: this.stillHasPassword(user, 'current_password'),
    });
    this.securityLog.record('password_changed', request, { username: user.username });
  }

  /**
   * Asks the new address whether it is the user's, and tells the one they have. An address that was asked before is
   * not waited for any longer.
   * @throws IncorrectPassword
   * @throws TooManyAttempts
   */
  async changeEmail(request: Request, user: Account, body: EmailChangeBody): Promise<MailNotice> {
    await this.checkPassword(request, user, body.password, 'password');
    const { id: userId, email } = user;
    const asking = this.outbox.posting({ kind: 'change_email', userId, address: body.email });
    const telling = { kind: 'email_change_requested', userId, address: email ?? '' };
    await this.database.group([
      this.stillHasPassword(user, 'password'),
      ...this.accounts.droppingEmailChange(userId),
      asking,
      ...(email ? [this.outbox.posting(telling)] : []),
    ]);
    this.securityLog.record('email_change_requested', request, { username: user.username });
    return MailNotice.SENT;
  }

  /**
   * @throws IncorrectPassword
   * @throws TooManyAttempts
   * @throws LastAdministrator
   */
  async delete(request: Request, user: Account, { password }: DeletionBody): Promise<void> {
    await this.checkPassword(request, user, password, 'password');
    const isAdministrator = parseScope(user.scopes).includes(USERS_WRITE);
    await this.accounts.remove(user, {
      onlyIf: this.stillHasPassword(user, 'password'),
      demands: isAdministrator ? [this.scopes.keepsAnAdministrator()] : [],
    });
    this.securityLog.record('user_deleted', request, { username: user.username });
  }

  /** The password that was checked is still theirs. */
  private stillHasPassword(user: Account, field: string): Demand {
    const otherwise = () => new IncorrectPassword(field);
    return { statement: this.users.holding(user), rows: 'some', otherwise };
  }

  private async checkPassword(
    request: Request,
    { username, hashedPassword }: Account,
    password: string,
    field: string,
  ): Promise<void> {
    const verdict = await this.attempts.verify(request, username, password, hashedPassword);
    if (verdict.matches) return;
    this.securityLog.record('password_refused', request, { username, reason: verdict.reason });
    throw new IncorrectPassword(field);
  }
}
