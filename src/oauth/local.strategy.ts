import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { RequestStrategy } from '../http/passport.js';
import { contextOf } from '../http/request-context.js';
import { LoginService } from '../login/login.service.js';
import type { LoginUser } from '../users/login-user.js';

/** Username and password of a password grant. */
@Injectable()
export class LocalStrategy extends RequestStrategy {
  constructor(private readonly login: LoginService) {
    super();
  }

  async validate(request: Request): Promise<LoginUser> {
    const { tokenRequest } = request;
    if (tokenRequest?.grantType !== 'password') throw new TypeError('No password to be checked');
    return this.login.authenticate(
      contextOf(request),
      tokenRequest.username,
      tokenRequest.password,
    );
  }
}
