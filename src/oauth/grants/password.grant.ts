import { Injectable } from '@nestjs/common';
import { Recorder } from '../../audit/recorder.js';
import type { CallingClient } from '../../clients/client-authentication.js';
import { InvalidRequest } from '../../http/oauth-error.js';
import { required } from '../../http/oauth-form.js';
import { TemporarilyUnavailable } from '../../http/problem.js';
import type { RequestContext } from '../../http/request-context.js';
import { IncorrectCredentials } from '../../login/login-errors.js';
import { LoginService } from '../../login/login.service.js';
import { type SessionTokens, SessionsService } from '../../sessions/sessions.service.js';
import type { LoginUser } from '../../users/login-user.js';
import { TokenResponse } from '../dto/token-response.js';
import type { TokenForm } from '../token-request.js';

export interface PasswordFields {
  grantType: 'password';
  username: string;
  password: string;
  scopes: string[];
}

type PasswordRequest = PasswordFields & { client: CallingClient | undefined };

/** RFC 6749 §4.3.2. @throws InvalidRequest, and what `scopes` throws */
export function readPassword(form: TokenForm, scopes: () => string[]): PasswordFields {
  const username = required(form, 'username');
  const password = required(form, 'password');
  if (username.includes('\0')) {
    throw new InvalidRequest('The username must not contain a NUL character');
  }
  return { grantType: 'password', username, password, scopes: scopes() };
}

/** Opens a session for a user whose password was right (RFC 6749 §4.3). */
@Injectable()
export class PasswordGrant {
  constructor(
    private readonly login: LoginService,
    private readonly sessions: SessionsService,
    private readonly recorder: Recorder,
  ) {}

  /**
   * @param user whom `LocalAuthGuard` authenticated
   * @throws what `LoginService.authenticate` throws
   */
  async answer(
    context: RequestContext,
    request: PasswordRequest,
    user: LoginUser,
  ): Promise<TokenResponse> {
    const { username, password } = request;
    let tokens = await this.start(context, user, request);
    if (!tokens) {
      // Changed since the password was checked: the user is authenticated again.
      const again = await this.login.authenticate(context, username, password);
      tokens = await this.start(context, again, request);
    }
    if (tokens) return TokenResponse.of(tokens);
    const facts = { user, typed: { username }, reason: 'changed_meanwhile' };
    await this.recorder.record('login_failed', context, facts);
    throw new IncorrectCredentials();
  }

  /** @returns undefined if the user has changed since the password was checked */
  private async start(
    context: RequestContext,
    user: LoginUser,
    { client, scopes }: PasswordRequest,
  ): Promise<SessionTokens | undefined> {
    const origin = { ip: context.ip, userAgent: context.userAgent, client };
    const details = client && { client_id: client.id };
    const entry = this.recorder.recording('login_succeeded', context, { user, details });
    try {
      return await this.sessions.start(user, origin, scopes, entry);
    } catch (error) {
      if (error instanceof TemporarilyUnavailable) {
        const facts = { username: user.username, reason: 'database' };
        await this.recorder.record('login_unavailable', context, facts);
      }
      throw error;
    }
  }
}
