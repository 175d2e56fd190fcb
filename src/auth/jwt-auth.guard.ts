import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { Request } from 'express';
import { IS_PUBLIC } from '../common/public.decorator.js';
import { NEEDED_SCOPES } from '../common/scopes.js';
import { SecurityLog } from '../common/security-log.js';
import { ExpiredToken, InvalidToken } from '../tokens/token-errors.js';
import type { Account } from '../users/account.js';
import {
  BearerProblem,
  ExpiredBearerToken,
  InsufficientScope,
  InvalidBearerToken,
} from './bearer-errors.js';

/** Global: every handler needs an access token, unless it says `@Public()`, and the scopes that `@Scopes()` says. */
@Injectable()
export class JwtAuthGuard extends AuthGuard('jwt') {
  constructor(
    private readonly reflector: Reflector,
    private readonly securityLog: SecurityLog,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean>(IS_PUBLIC, targets)) return true;
    const request = context.switchToHttp().getRequest<Request>();
    try {
      await super.canActivate(context);
      this.checkScopes(request, this.reflector.getAllAndOverride(NEEDED_SCOPES, targets));
      return true;
    } catch (error) {
      if (error instanceof BearerProblem) {
        const { username, reason } = error;
        this.securityLog.record('token_refused', request, { username, reason });
      }
      throw error;
    }
  }

  /** @throws InsufficientScope */
  private checkScopes({ user, scopes = [] }: Request, needed: readonly string[] = []): void {
    if (needed.every((scope) => scopes.includes(scope))) return;
    throw new InsufficientScope(needed, (user as Account).username);
  }

  /** passport hands over what went wrong: as `error` what a strategy threw, as `info` why a token failed. */
  override handleRequest<T>(error: unknown, user: T | false, info: unknown): T {
    if (error) throw error as Error;
    if (user) return user;
    if (info instanceof ExpiredToken) throw new ExpiredBearerToken(info.username);
    if (info instanceof InvalidToken) throw new InvalidBearerToken(info.reason);
    throw info as Error;
  }
}
