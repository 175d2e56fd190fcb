import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

declare module 'express-serve-static-core' {
  interface Request {
    /** The session of the access token; undefined for a token from before there were sessions. */
    sessionId?: string | undefined;
  }
}

/** The id of the session that the access token belongs to. */
export const CurrentSession = createParamDecorator(
  (_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<Request>().sessionId,
);
