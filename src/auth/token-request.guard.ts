import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ClientAuthentication } from '../clients/client-authentication.js';
import { readFormFields } from '../common/form-body.js';
import { OAuthError } from '../common/oauth-error.js';
import { SecurityLog } from '../common/security-log.js';
import { SessionSettings } from '../config/settings.js';
import { parseGrant, type TokenRequest, tokenForm } from './token-request.js';

/** Reads the form of a token request, and finds out which client sends it: `request.body` is a `TokenRequest` then. */
@Injectable()
export class TokenRequestGuard implements CanActivate {
  constructor(
    private readonly clients: ClientAuthentication,
    private readonly settings: SessionSettings,
    private readonly securityLog: SecurityLog,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const { form, grant } = await this.readGrant(request, http.getResponse<Response>());
    const client = await this.clients.identify(request, form);
    request.body = { ...grant, client } satisfies TokenRequest;
    return true;
  }

  private async readGrant(request: Request, response: Response) {
    try {
      const form = tokenForm(await readFormFields(request, response));
      return { form, grant: parseGrant(form, this.settings.idleLifetime > 0) };
    } catch (error) {
      const reason = error instanceof OAuthError ? error.code : 'unreadable_body';
      this.securityLog.record('login_malformed', request, { reason });
      throw error;
    }
  }
}
