import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { contextOf, type RequestContext } from '../http/request-context.js';
import type { LoginUser } from '../users/login-user.js';

/** Who manages users, as far as their token goes. */
export interface Administrator {
  context: RequestContext;
  username: string;
  /** What the token allows, and they are still granted. */
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
