import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { PinoLogger } from 'nestjs-pino';
import { TooManyAttempts } from '../attempts/attempt-errors.js';
import { PasswordAttempts } from '../attempts/password-attempts.service.js';
import { AuditTrail } from '../audit/audit-trail.service.js';
import { TemporarilyUnavailable } from '../common/problem.js';
import { SecurityLog } from '../common/security-log.js';
import { Watch } from '../common/watch.js';
import { HashingQueueFull } from '../crypto/hashing-queue.js';
import type { Verdict } from '../crypto/password-hasher.js';
import type { Account } from '../users/account.js';
import { isReserved } from '../users/user-rules.js';
import { UsersService } from '../users/users.service.js';
import { DisabledUser, IncorrectCredentials, UnverifiedUser } from './auth-errors.js';

@Injectable()
export class AuthService {
  constructor(
    private readonly users: UsersService,
    private readonly attempts: PasswordAttempts,
    private readonly trail: AuditTrail,
    private readonly securityLog: SecurityLog,
    private readonly watch: Watch,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(AuthService.name);
  }

  /**
   * Finds out whether this is the user's password. Unknown user, wrong password and no usable hash give
   * the same answer after the same work.
   * @throws IncorrectCredentials
   * @throws DisabledUser
   * @throws UnverifiedUser
   * @throws TooManyAttempts
   * @throws HashingQueueFull
   * @throws DatabaseUnavailable
   */
  async authenticate(request: Request, username: string, password: string): Promise<Account> {
    const { user, verdict } = await this.check(request, username, password);
    const typed = { username };
    if (!user || !verdict.matches) {
      const reason = !user ? 'unknown_user' : verdict.matches ? 'mismatch' : verdict.reason;
      await this.trail.refusal('login_failed', request, { user, typed, reason });
      throw new IncorrectCredentials();
    }
    if (user.disabled) {
      await this.trail.refusal('login_failed', request, { user, typed, reason: 'disabled' });
      throw new DisabledUser();
    }
    if (user.pendingUntil !== null) {
      await this.trail.refusal('login_failed', request, { user, typed, reason: 'pending' });
      throw new UnverifiedUser();
    }
    if (!verdict.needsRehash) return user;
    return { ...user, hashedPassword: await this.renewHash(request, user, password) };
  }

  private async check(
    request: Request,
    username: string,
    password: string,
  ): Promise<{ user: Account | null; verdict: Verdict }> {
    try {
      const attempt = await this.attempts.begin(request, username);
      // An adopted database may have such a name.
      const user = isReserved(username) ? null : await this.users.findByUsername(username);
      const stored = user?.hashedPassword ?? null;
      return { user, verdict: await this.attempts.verify(attempt, password, stored) };
    } catch (error) {
      if (error instanceof TemporarilyUnavailable) {
        const reason = error instanceof HashingQueueFull ? 'queue_full' : 'database';
        this.securityLog.record('login_unavailable', request, { username, reason });
      } else if (error instanceof TooManyAttempts) this.watch.throttled();
      throw error;
    }
  }

  /**
   * A login succeeds all the same when the stronger hash can't be stored now: the next one will try again.
   * @returns the hash that stands there now
   */
  private async renewHash(
    request: Request,
    user: Account,
    password: string,
  ): Promise<string | null> {
    try {
      const renewed = await this.users.replaceHash(user, password);
      if (renewed === undefined) return user.hashedPassword;
      this.securityLog.record('password_rehashed', request, { username: user.username });
      return renewed;
    } catch (error) {
      if (!(error instanceof TemporarilyUnavailable)) throw error;
      this.logger.warn({ request_id: request.id, code: error.code }, 'hash not renewed');
      return user.hashedPassword;
    }
  }
}
