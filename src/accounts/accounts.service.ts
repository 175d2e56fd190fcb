import { Injectable } from '@nestjs/common';
import { PasswordHasher } from '../crypto/password-hasher.js';
import { Database, type Statement } from '../database/database.js';
import type { RevokedReason } from '../sessions/session.entity.js';
import { RevocationsService } from '../sessions/revocations.service.js';
import { checkPassword } from '../users/user-rules.js';
import { UserNotFound } from '../users/user-errors.js';
import { UsersService } from '../users/users.service.js';

/** The changes of a user that end their sessions: both in one transaction, so that neither is had without the other. */
@Injectable()
export class AccountsService {
  constructor(
    private readonly users: UsersService,
    private readonly revocations: RevocationsService,
    private readonly hasher: PasswordHasher,
    private readonly database: Database,
  ) {}

  /**
   * @throws InvalidUser
   * @throws UserNotFound
   */
  async setPassword(username: string, password: string): Promise<void> {
    checkPassword(password);
    await this.users.get(username);
    const hashedPassword = await this.hasher.hash(password);
    await this.cutOff(
      username,
      'password_changed',
      this.users.changing(username, { hashedPassword }),
    );
  }

  /** @throws UserNotFound */
  async disable(username: string): Promise<void> {
    await this.cutOff(username, 'user_disabled', this.users.changing(username, { disabled: true }));
  }

  /** @throws UserNotFound */
  async delete(username: string): Promise<void> {
    // The row is changed before it goes, so that every cut-off takes the locks in one order.
    const disable = this.users.changing(username, { disabled: true });
    await this.cutOff(username, 'user_deleted', disable, this.users.deleting(username));
  }

  private async cutOff(
    username: string,
    reason: RevokedReason,
    change: Statement,
    ...more: Statement[]
  ): Promise<void> {
    const endings = this.revocations.endingAllOf(username, reason);
    if (await this.database.group([change, ...endings, ...more])) return;
    throw new UserNotFound(username);
  }
}
