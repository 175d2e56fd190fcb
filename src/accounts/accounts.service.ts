import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { TokenSettings } from '../config/settings.js';
import { PasswordHasher } from '../crypto/password-hasher.js';
import { Database, type Statement } from '../database/database.js';
import { PasswordPolicy } from '../passwords/password-policy.js';
import type { RevokedReason } from '../sessions/session.entity.js';
import { RevocationsService } from '../sessions/revocations.service.js';
import { CLOCK_SKEW } from '../tokens/access-token.claims.js';
import type { Account } from '../users/account.js';
import type { User } from '../users/user.entity.js';
import { UserNotFound } from '../users/user-errors.js';
import { UsersService } from '../users/users.service.js';

/** The changes of a user that end their sessions: both in one transaction, so that neither is had without the other. */
@Injectable()
export class AccountsService {
  constructor(
    private readonly users: UsersService,
    private readonly revocations: RevocationsService,
    private readonly hasher: PasswordHasher,
    private readonly policy: PasswordPolicy,
    private readonly database: Database,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws InvalidFields
   * @throws UserNotFound
   */
  async setPassword(username: string, password: string): Promise<void> {
    const user = await this.users.get(username);
    await this.policy.check(password, user);
    const hashedPassword = await this.hasher.hash(password);
    await this.cutOff(user, 'password_changed', { hashedPassword });
  }

  /** @throws UserNotFound */
  async disable(username: string): Promise<void> {
    await this.cutOff(await this.users.get(username), 'user_disabled', { disabled: true });
  }

  /** @throws UserNotFound */
  async delete(username: string): Promise<void> {
    const user = await this.users.get(username);
    const freeAt = this.clock.now() + this.settings.accessTokenLifetime * 1000 + CLOCK_SKEW * 2000;
    const more = [this.users.releasing(username, freeAt), this.users.deleting(user.id)];
    // The row is changed before it goes, so that every cut-off takes the locks in one order.
    await this.cutOff(user, 'user_deleted', { disabled: true }, more);
  }

  private async cutOff(
    { id, username }: Account,
    reason: RevokedReason,
    change: Partial<User>,
    more: readonly Statement[] = [],
  ): Promise<void> {
    const endings = this.revocations.endingAllOf(id, reason);
    if (await this.database.group([this.users.changing(id, change), ...endings, ...more])) return;
    throw new UserNotFound(username);
  }
}
