import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { contextOf, type RequestContext } from '../http/request-context.js';
import type { LoginUser } from '../users/login-user.js';

/** A user who manages users, within the scopes of their token. */
export interface Administrator {
  context: RequestContext;
  username: string;
  /** The scopes of the token that the user is still granted. */
  scopes: readonly string[];
}

/** The administrator who sends the request. */
export const CurrentAdministrator = createParamDecorator(
  (_: unknown, execution: ExecutionContext): Administrator => {
    const request = execution.switchToHttp().getRequest<Request>();
    const { username } = request.user as LoginUser;
    return { context: contextOf(request), username, scopes: request.scopes ?? [] };
  },
);
