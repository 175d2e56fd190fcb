import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';
import { Recorder } from '../audit/recorder.js';
import { HashingQueueFull } from '../crypto/hashing-queue.js';
import type { Verdict } from '../crypto/password-hasher.js';
import { TemporarilyUnavailable } from '../http/problem.js';
import type { RequestContext } from '../http/request-context.js';
import type { LoginUser } from '../users/login-user.js';
import { isReserved } from '../users/user-rules.js';
import { UsersService } from '../users/users.service.js';
import { TooManyAttempts } from './attempt-errors.js';
import {
  DisabledUser,
  IncorrectCredentials,
  IncorrectPassword,
  UnverifiedUser,
} from './login-errors.js';
import { PasswordAttempts } from './password-attempts.service.js';

/** How users authenticate: the one place where a password that came with a request is checked. */
@Injectable()
export class LoginService {
  constructor(
    private readonly users: UsersService,
    private readonly attempts: PasswordAttempts,
    private readonly recorder: Recorder,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext('LoginService');
  }

  /**
   * Logs a user in by name. Unknown user, wrong password and no usable hash give the same answer after the same work.
   * @throws IncorrectCredentials
   * @throws DisabledUser
   * @throws UnverifiedUser
   * @throws TooManyAttempts
   * @throws HashingQueueFull
   * @throws DatabaseUnavailable
   */
  async authenticate(
    context: RequestContext,
    username: string,
    password: string,
  ): Promise<LoginUser> {
    const { user, verdict } = await this.look(context, username, password);
    const refuse = async (reason: string, error: Error) => {
      await this.recorder.record('login_failed', context, { user, typed: { username }, reason });
      return error;
    };
    if (!user) throw await refuse('unknown_user', new IncorrectCredentials());
    if (!verdict.matches) throw await refuse(verdict.reason, new IncorrectCredentials());
    if (user.disabled) throw await refuse('disabled', new DisabledUser());
    if (user.pendingUntil !== null) throw await refuse('pending', new UnverifiedUser());
    if (!verdict.needsRehash) return user;
    return { ...user, hashedPassword: await this.renewHash(context, user, password) };
  }

  /**
   * Makes a user with a valid access token confirm the password, before their credentials are changed.
   * @param field what the password is called in the request
   * @throws IncorrectPassword
   * @throws TooManyAttempts
   * @throws HashingQueueFull
   * @throws DatabaseUnavailable
   */
  async confirm(
    context: RequestContext,
    user: LoginUser,
    password: string,
    field: string,
  ): Promise<void> {
    const attempt = await this.attempts.begin(context, user.username);
    const verdict = await this.attempts.verify(attempt, password, user.hashedPassword);
    if (verdict.matches) return;
    await this.recorder.record('password_refused', context, { user, reason: verdict.reason });
    throw new IncorrectPassword(field);
  }

  private async look(
    context: RequestContext,
    username: string,
    password: string,
  ): Promise<{ user: LoginUser | null; verdict: Verdict }> {
    try {
      const attempt = await this.attempts.begin(context, username);
      // An adopted database may have such a name.
      const user = isReserved(username) ? null : await this.users.findByUsername(username);
      const stored = user?.hashedPassword ?? null;
      return { user, verdict: await this.attempts.verify(attempt, password, stored) };
    } catch (error) {
      if (error instanceof TemporarilyUnavailable) {
        const reason = error instanceof HashingQueueFull ? 'queue_full' : 'database';
        await this.recorder.record('login_unavailable', context, { username, reason });
      } else if (error instanceof TooManyAttempts) {
        await this.recorder.record('login_limited', context);
      }
      throw error;
    }
  }

  /**
   * A login succeeds even if the stronger hash can't be stored now: the next one will try again.
   * @returns the hash that is stored now
   */
  private async renewHash(
    context: RequestContext,
    user: LoginUser,
    password: string,
  ): Promise<string | null> {
    try {
      const renewed = await this.users.replaceHash(user, password);
      if (renewed === undefined) return user.hashedPassword;
      await this.recorder.record('password_rehashed', context, { username: user.username });
      return renewed;
    } catch (error) {
      if (!(error instanceof TemporarilyUnavailable)) throw error;
      this.logger.warn({ request_id: context.id, code: error.code }, 'hash not renewed');
      return user.hashedPassword;
    }
  }
}
