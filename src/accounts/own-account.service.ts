import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { PasswordAttempts } from '../attempts/password-attempts.service.js';
import { AuditTrail } from '../audit/audit-trail.service.js';
import { parseScope, USERS_WRITE } from '../common/scopes.js';
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
    private readonly trail: AuditTrail,
  ) {}

  /** @throws TokenUserGone */
  async changeProfile(
    request: Request,
    user: Account,
    change: ProfileChangeBody,
  ): Promise<ProfileResponse> {
    const { full_name: fullName } = change;
    if (fullName === undefined) return { 'user data': Profile.of(user) };
    const isDone = await this.database.group([
      this.users.changing(user.id, { fullName }),
      this.trail.entry('user_changed', request, { user, reason: 'full_name' }),
    ]);
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
      entry: this.trail.entry('password_changed', request, { user }),
      field: 'new_password',
      except: current,
      onlyIf: this.stillHasPassword(user, 'current_password'),
    });
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
      this.trail.entry('email_change_requested', request, { user }),
    ]);
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
      entry: this.trail.entry('user_deleted', request, { user }),
      onlyIf: this.stillHasPassword(user, 'password'),
      demands: isAdministrator ? [this.scopes.keepsAnAdministrator()] : [],
    });
  }

  /** The password that was checked is still theirs. */
  private stillHasPassword(user: Account, field: string): Demand {
    const otherwise = () => new IncorrectPassword(field);
    return { statement: this.users.holding(user), rows: 'some', otherwise };
  }

  private async checkPassword(
    request: Request,
    user: Account,
    password: string,
    field: string,
  ): Promise<void> {
    const attempt = await this.attempts.begin(request, user.username);
    const verdict = await this.attempts.verify(attempt, password, user.hashedPassword);
    if (verdict.matches) return;
    await this.trail.refusal('password_refused', request, { user, reason: verdict.reason });
    throw new IncorrectPassword(field);
  }
}
