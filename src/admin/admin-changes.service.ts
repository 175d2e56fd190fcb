import { Injectable } from '@nestjs/common';
import type { Facts } from '../audit/facts.js';
import { AccountsService } from '../accounts/accounts.service.js';
import { parseScope } from '../http/scopes.js';
import type { Statement } from '../database/database.js';
import { Outbox } from '../mail/outbox.service.js';
import { RevocationsService } from '../sessions/revocations.service.js';
import { storedScopes } from '../users/scope-rules.js';
import { addressColumns } from '../users/address-columns.js';
import type { User } from '../users/user.entity.js';
import { NoEmail } from './admin-errors.js';
import { AdminUsersService } from './admin-users.service.js';
import type { Administrator } from './current-administrator.decorator.js';
import type { UserChangeBody } from './dto/admin-bodies.js';
import type { AdminUserResponse } from './dto/admin-user-response.js';
import { AdminOperation, type Plan } from './admin-operation.service.js';
import { checkGrant } from './own-scopes.js';

/** What an administrator does to existing users. Every method throws what `AdminOperation.perform` does. */
@Injectable()
export class AdminChangesService {
  constructor(
    private readonly operation: AdminOperation,
    private readonly adminUsers: AdminUsersService,
    private readonly accounts: AccountsService,
    private readonly revocations: RevocationsService,
    private readonly outbox: Outbox,
  ) {}

  async change(
    administrator: Administrator,
    id: string,
    body: UserChangeBody,
  ): Promise<AdminUserResponse> {
    await this.operation.perform(administrator, id, (user) =>
      this.planOf(administrator, user, body),
    );
    return this.adminUsers.read(id);
  }

  async endSessions(administrator: Administrator, id: string): Promise<void> {
    const reason = 'ended_by_administrator';
    await this.operation.perform(administrator, id, (user) => ({
      change: {},
      then: [
        ...this.revocations.endingAllOf(user.id, reason),
        this.operation.recording(administrator, 'session_ended', { user, reason }),
      ],
    }));
  }

  /** @throws NoEmail */
  async sendReset(administrator: Administrator, id: string): Promise<void> {
    await this.operation.perform(administrator, id, (user) => {
      if (user.email === null) throw new NoEmail();
      const mail = this.outbox.posting({ kind: 'reset_password', userId: user.id });
      const entry = this.operation.recording(administrator, 'password_reset_sent', { user });
      return { change: {}, then: [mail, entry] };
    });
  }

  async delete(administrator: Administrator, id: string): Promise<void> {
    await this.operation.perform(administrator, id, (user) => ({
      change: { disabled: true },
      then: [
        ...this.accounts.removing(user),
        this.operation.recording(administrator, 'user_deleted', { user }),
      ],
    }));
  }

  private planOf(administrator: Administrator, user: User, body: UserChangeBody): Plan {
    const change: Partial<User> = {};
    const then: Statement[] = [];
    if (body.scopes) {
      change.scopes = storedScopes(body.scopes);
      checkGrant(administrator, parseScope(user.scopes), parseScope(change.scopes));
    }
    if (body.full_name !== undefined) change.fullName = body.full_name;
    if (body.disabled !== undefined) change.disabled = body.disabled;
    if (body.disabled) then.push(...this.revocations.endingAllOf(user.id, 'user_disabled'));
    if (body.email !== undefined && body.email !== user.email) {
      Object.assign(change, addressColumns(body.email), { emailVerifiedAt: null });
      const mail = { kind: 'verify_email', userId: user.id, address: body.email };
      then.push(...this.accounts.leavingAddress(user), this.outbox.posting(mail));
    }
    then.push(this.operation.recording(administrator, 'user_changed', { user, ...factsOf(body) }));
    return { change, then };
  }
}

function factsOf(body: UserChangeBody): Facts {
  const { scopes, disabled } = body;
  const details = {
    ...(scopes && { scope: storedScopes(scopes) ?? '' }),
    ...(disabled !== undefined && { disabled }),
  };
  return { reason: Object.keys(body).join(' '), details };
}
