import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { untilClosed } from './until-closed.js';

/** A user, as far as the log and the audit trail name them. */
export interface Person {
  readonly id: number;
  readonly username: string | null;
}

/** What services know of the request that they work for: the rest of HTTP is the controllers' and this room's. */
export interface RequestContext {
  /** Names the request in the log, in `X-Request-Id` and in problem details. */
  readonly id: string;
  /** The trace it belongs to, where traces are on: 32 hexadecimal digits. */
  readonly traceId: string | undefined;
  /** When its headers were there, by `performance.now()`, in milliseconds. */
  readonly arrivedAt: number;
  /** The client's address; behind a trusted proxy whatever X-Forwarded-For says, which need not be an address. */
  readonly ip: string | undefined;
  /** The address at the other end of the socket. */
  readonly peer: string | undefined;
  readonly userAgent: string | undefined;
  /** Every `Authorization` header, in order. There must not be two, and Node tells of the first alone elsewhere. */
  readonly authorization: readonly string[];
  /** The user of the access token, or of the password that was right. */
  readonly caller: Person | undefined;
  /** Fires when the client has gone before it was answered. Asked for once, by what takes long. */
  readonly closed: AbortSignal;
}

export function contextOf(request: Request): RequestContext {
  return {
    id: request.id,
    traceId: request.traceId,
    arrivedAt: request.arrivedAt,
    ip: request.ip,
    peer: request.socket.remoteAddress,
    userAgent: request.headers['user-agent'],
    get authorization() {
      return authorizationOf(request);
    },
    caller: request.user as Person | undefined,
    get closed() {
      return untilClosed(request);
    },
  };
}

/** The context of the request, for a handler that has a service to tell. */
export const Context = createParamDecorator((_: unknown, context: ExecutionContext) =>
  contextOf(context.switchToHttp().getRequest<Request>()),
);

export function authorizationOf({ rawHeaders }: Request): string[] {
  const found: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === 13 && name.toLowerCase() === 'authorization') {
      found.push(rawHeaders[i + 1] ?? '');
    }
  }
  return found;
}
