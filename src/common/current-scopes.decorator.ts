import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

declare module 'express-serve-static-core' {
  interface Request {
    /** What the access token allows, as far as its user is still granted it. */
    scopes?: readonly string[];
  }
}

/** The scopes of whoever sends the access token. */
export const CurrentScopes = createParamDecorator(
  (_: unknown, context: ExecutionContext) =>
    context.switchToHttp().getRequest<Request>().scopes ?? [],
);
