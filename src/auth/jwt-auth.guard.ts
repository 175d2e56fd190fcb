import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { Request } from 'express';
import { Recorder } from '../audit/recorder.js';
import { BearerProblem, InsufficientScope } from '../http/bearer-errors.js';
import { guardedBy } from '../http/passport.js';
import { IS_PUBLIC } from '../http/public.decorator.js';
import { contextOf } from '../http/request-context.js';
import { NEEDED_SCOPES } from '../http/scopes.js';
import type { LoginUser } from '../users/login-user.js';
import { JwtStrategy } from './jwt.strategy.js';

/** Global: every handler needs an access token, unless it is `@Public()`, and the scopes that `@Scopes()` lists. */
@Injectable()
export class JwtAuthGuard extends AuthGuard() {
  constructor(
    strategy: JwtStrategy,
    private readonly reflector: Reflector,
    private readonly recorder: Recorder,
  ) {
    super(guardedBy(strategy));
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
        await this.recorder.record('token_refused', contextOf(request), { username, reason });
      }
      throw error;
    }
  }

  /** @throws InsufficientScope */
  private checkScopes({ user, scopes = [] }: Request, needed: readonly string[] = []): void {
    if (needed.every((scope) => scopes.includes(scope))) return;
    throw new InsufficientScope(needed, (user as LoginUser).username);
  }
}
