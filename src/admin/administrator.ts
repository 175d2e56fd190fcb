import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { Account } from '../users/account.js';

/** Whoever manages users, as far as their token goes. */
export interface Administrator {
  request: Request;
  username: string;
  /** What the token allows, and they are still granted. */
  scopes: readonly string[];
}

/** The administrator who sends the request. */
export const CurrentAdministrator = createParamDecorator(
  (_: unknown, context: ExecutionContext): Administrator => {
    const request = context.switchToHttp().getRequest<Request>();
    const { username } = request.user as Account;
    return { request, username, scopes: request.scopes ?? [] };
  },
);
