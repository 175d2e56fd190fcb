import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { Request, Response } from 'express';
import { OAuthError } from '../common/oauth-error.js';
import { SecurityLog } from '../common/security-log.js';
import { readFormFields } from '../common/form-body.js';
import { parsePasswordGrant, type PasswordGrantRequest } from './token-request.js';

/**
 * Checks the form, then has passport-local check the password. In this order, because passport-local takes
 * credentials from the query string where the body has none.
 */
@Injectable()
export class LocalAuthGuard extends AuthGuard('local') {
  constructor(private readonly securityLog: SecurityLog) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    request.body = await this.readForm(request, http.getResponse<Response>());
    return (await super.canActivate(context)) as boolean;
  }

  private async readForm(request: Request, response: Response): Promise<PasswordGrantRequest> {
    try {
      return parsePasswordGrant(await readFormFields(request, response));
    } catch (error) {
      const reason = error instanceof OAuthError ? error.code : 'unreadable_body';
      this.securityLog.record('login_malformed', request, { reason });
      throw error;
    }
  }
}
