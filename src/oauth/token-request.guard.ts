import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Recorder } from '../audit/recorder.js';
import { ClientAuthentication } from '../clients/client-authentication.js';
import { InvalidClient } from '../clients/client-errors.js';
import { SessionSettings } from '../config/settings.js';
import { readFormFields } from '../http/form-body.js';
import { Problem, TemporarilyUnavailable } from '../http/problem.js';
import { contextOf } from '../http/request-context.js';
import { parseGrant, tokenForm, type TokenRequest } from './token-request.js';

/** Reads the form of a token request and identifies the client: the result is in `request.tokenRequest`. */
@Injectable()
export class TokenRequestGuard implements CanActivate {
  constructor(
    private readonly clients: ClientAuthentication,
    private readonly settings: SessionSettings,
    private readonly recorder: Recorder,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    request.tokenRequest = await this.read(request, http.getResponse<Response>());
    return true;
  }

  private async read(request: Request, response: Response): Promise<TokenRequest> {
    const context = contextOf(request);
    try {
      const form = tokenForm(await readFormFields(request, response));
      const grant = parseGrant(form, this.settings.idleLifetime > 0);
      return { ...grant, client: await this.clients.identify(context, form) };
    } catch (error) {
      // Recorded already.
      if (error instanceof InvalidClient) throw error;
      const reason = error instanceof Problem ? error.code : 'unreadable_body';
      const event =
        error instanceof TemporarilyUnavailable ? 'login_unavailable' : 'login_malformed';
      await this.recorder.record(event, context, { reason });
      throw error;
    }
  }
}
