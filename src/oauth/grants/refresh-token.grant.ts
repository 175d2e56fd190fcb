import { Injectable } from '@nestjs/common';
import { Recorder } from '../../audit/recorder.js';
import type { CallingClient } from '../../clients/client-authentication.js';
import { required } from '../../http/oauth-form.js';
import type { RequestContext } from '../../http/request-context.js';
import { RefreshRotationService } from '../../sessions/refresh-rotation.service.js';
import { InvalidRefreshToken, WiderScope } from '../../sessions/session-errors.js';
import { TokenResponse } from '../dto/token-response.js';
import type { TokenForm } from '../token-request.js';

export interface RefreshTokenFields {
  grantType: 'refresh_token';
  refreshToken: string;
  scopes: string[];
}

/** RFC 6749 §6. @throws InvalidRequest, and what `scopes` throws */
export function readRefreshToken(form: TokenForm, scopes: () => string[]): RefreshTokenFields {
  const refreshToken = required(form, 'refresh_token');
  return { grantType: 'refresh_token', refreshToken, scopes: scopes() };
}

/** New tokens for a live session (RFC 6749 §6). */
@Injectable()
export class RefreshTokenGrant {
  constructor(
    private readonly rotation: RefreshRotationService,
    private readonly recorder: Recorder,
  ) {}

  /**
   * @throws InvalidRefreshToken
   * @throws WiderScope
   * @throws DatabaseUnavailable
   */
  async answer(
    context: RequestContext,
    { refreshToken, client, scopes }: RefreshTokenFields & { client: CallingClient | undefined },
  ): Promise<TokenResponse> {
    try {
      const renewal = await this.rotation.rotate(context, refreshToken, client, scopes);
      await this.recorder.record('token_refreshed', context, { username: renewal.username });
      return TokenResponse.of(renewal.tokens);
    } catch (error) {
      await this.recordRefusal(context, error);
      throw error;
    }
  }

  private async recordRefusal(context: RequestContext, error: unknown): Promise<void> {
    if (!(error instanceof InvalidRefreshToken || error instanceof WiderScope)) return;
    const { username } = error;
    const reason = error instanceof WiderScope ? error.code : error.reason;
    // Reuse ended the session, and is recorded already.
    if (reason === 'reuse') return;
    await this.recorder.record('refresh_refused', context, { username, reason });
  }
}
