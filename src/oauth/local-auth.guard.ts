import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { Request } from 'express';
import { guardedBy } from '../http/passport.js';
import { LocalStrategy } from './local.strategy.js';

/** Checks the password of a password grant, once `TokenRequestGuard` has read it. */
@Injectable()
export class LocalAuthGuard extends AuthGuard() {
  constructor(strategy: LocalStrategy) {
    super(guardedBy(strategy));
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const { tokenRequest } = context.switchToHttp().getRequest<Request>();
    if (tokenRequest?.grantType !== 'password') return true;
    return (await super.canActivate(context)) as boolean;
  }
}
