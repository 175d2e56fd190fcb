import {
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import type { Request, Response } from 'express';

type Read = (request: Request, response: Response) => Promise<unknown>;

/** The handler takes in the body what `read` returns: it is read once the caller is known. */
export function ReadBody(read: Read) {
  return UseInterceptors(new BodyReader(read));
}

/** An interceptor, because those run after the guards and before the handler's parameters are taken. */
class BodyReader implements NestInterceptor {
  constructor(private readonly read: Read) {}

  async intercept(context: ExecutionContext, next: CallHandler) {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    request.body = await this.read(request, http.getResponse<Response>());
    return next.handle();
  }
}
