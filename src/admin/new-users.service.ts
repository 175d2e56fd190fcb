import { Injectable } from '@nestjs/common';
import { isoTime } from '../common/iso-time.js';
import { parseScope } from '../http/scopes.js';
import { Outbox } from '../mail/outbox.service.js';
import { OneTimeTokensService } from '../one-time-tokens/one-time-tokens.service.js';
import { storedScopes } from '../users/scope-rules.js';
import { UsersService } from '../users/users.service.js';
import { AdminUsersService } from './admin-users.service.js';
import type { Administrator } from './current-administrator.decorator.js';
import type { NewUserBody } from './dto/admin-bodies.js';
import type { AdminUserResponse } from './dto/admin-user-response.js';
import type { InvitationResponse } from './dto/invitation-response.js';
import { AdminOperation } from './admin-operation.service.js';
import { checkGrant } from './own-scopes.js';

/** Creates users, and invitations with which people sign up by themselves. */
@Injectable()
export class NewUsersService {
  constructor(
    private readonly users: UsersService,
    private readonly adminUsers: AdminUsersService,
    private readonly operation: AdminOperation,
    private readonly tokens: OneTimeTokensService,
    private readonly outbox: Outbox,
  ) {}

  /**
   * Creates a user without a password, and mails them a link for setting one.
   * @throws BeyondOwnScopes
   * @throws UsernameTaken
   * @throws EmailTaken
   */
  async create(administrator: Administrator, body: NewUserBody): Promise<AdminUserResponse> {
    const { username, email, full_name = null } = body;
    const scopes = storedScopes(body.scopes ?? []);
    await this.operation.orRefused(administrator, username, () => {
      checkGrant(administrator, [], parseScope(scopes));
      const row = { username, email, fullName: full_name, scopes, hashedPassword: null };
      const mail = this.outbox.postingToNew(username, { kind: 'set_password' });
      const facts = { username, details: { scope: scopes ?? '' } };
      const entry = this.operation.recording(administrator, 'user_created', facts);
      return this.users.add(row, [this.users.requireFree(username), mail, entry]);
    });
    const { id } = await this.users.get(username);
    return this.adminUsers.read(String(id));
  }

  async invite(administrator: Administrator): Promise<InvitationResponse> {
    const { invitation, expiresAt } = await this.tokens.invite(
      this.operation.recording(administrator, 'invitation_made', {}),
    );
    return { invitation, expires_at: isoTime(expiresAt) };
  }
}
