import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { Request } from 'express';
import type { TokenRequest } from './token-request.js';

/**
 * Has passport-local check the password of a password grant. After `TokenRequestGuard` only, because passport-local
 * takes credentials from the query string where the body has none.
 */
@Injectable()
export class LocalAuthGuard extends AuthGuard('local') {
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const { grantType } = context.switchToHttp().getRequest<Request>().body as TokenRequest;
    if (grantType !== 'password') return true;
    return (await super.canActivate(context)) as boolean;
  }
}
