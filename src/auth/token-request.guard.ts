import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ClientAuthentication } from '../clients/client-authentication.js';
import { InvalidClient } from '../clients/client-errors.js';
import { readFormFields } from '../common/form-body.js';
import { Problem, TemporarilyUnavailable } from '../common/problem.js';
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
    request.body = await this.read(request, http.getResponse<Response>());
    return true;
  }

  private async read(request: Request, response: Response): Promise<TokenRequest> {
    try {
      const form = tokenForm(await readFormFields(request, response));
      const grant = parseGrant(form, this.settings.idleLifetime > 0);
      return { ...grant, client: await this.clients.identify(request, form) };
    } catch (error) {
      // That one is in the log already.
      if (error instanceof InvalidClient) throw error;
      const reason = error instanceof Problem ? error.code : 'unreadable_body';
      const event =
        error instanceof TemporarilyUnavailable ? 'login_unavailable' : 'login_malformed';
      this.securityLog.record(event, request, { reason });
      throw error;
    }
  }
}
