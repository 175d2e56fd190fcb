import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { Request, Response } from 'express';
import { readFormFields } from './form-body.js';
import { parsePasswordGrant } from './token-request.js';

/**
 * Checks the form, then has passport-local check the password. In this order, because passport-local takes
 * credentials from the query string where the body has none.
 */
@Injectable()
export class LocalAuthGuard extends AuthGuard('local') {
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const fields = await readFormFields(request, http.getResponse<Response>());
    request.body = parsePasswordGrant(fields);
    return (await super.canActivate(context)) as boolean;
  }
}
