import {
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import type { Request, Response } from 'express';
import { readFormFields } from './form-body.js';
import { singleFields } from './oauth-form.js';

/** The handler takes a form in the body, with each of these fields at most once, as a `Map`. */
export function FormBody(fields: readonly string[]) {
  return UseInterceptors(new FormBodyReader(fields));
}

/** An interceptor, because those run after the guards and before the handler's parameters are taken. */
class FormBodyReader implements NestInterceptor {
  constructor(private readonly fields: readonly string[]) {}

  async intercept(context: ExecutionContext, next: CallHandler) {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const fields = await readFormFields(request, http.getResponse<Response>());
    request.body = singleFields(fields, this.fields);
    return next.handle();
  }
}
