import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { Request } from 'express';
import { IS_PUBLIC } from '../common/public.decorator.js';
import { SecurityLog } from '../common/security-log.js';
import { ExpiredToken, InvalidToken } from '../tokens/token-errors.js';
import { BearerProblem, ExpiredBearerToken, InvalidBearerToken } from './bearer-errors.js';

/** Global: every handler needs an access token, unless it says `@Public()`. */
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
    try {
      return (await super.canActivate(context)) as boolean;
    } catch (error) {
      const request = context.switchToHttp().getRequest<Request>();
      if (error instanceof BearerProblem) {
        const { username, reason } = error;
        this.securityLog.record('token_refused', request, { username, reason });
      }
      throw error;
    }
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
