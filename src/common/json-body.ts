import { isUtf8 } from 'node:buffer';
import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { ApiBody } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { InvalidFields } from './invalid-fields.js';
import { type FieldError, Problem } from './problem.js';
import { readRawBody } from './raw-body.js';

/** How many wrong fields are named at once, and how much of a name that is not known. */
const MOST_NAMED = 20;
const LONGEST_NAME = 64;

/**
 * The handler takes a JSON object in the body, which is read once the caller is known, checked by the schema, and
 * described by it on the docs page.
 */
export function JsonBody(schema: z.ZodObject, example: object) {
  const described = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  delete described.$schema;
  return applyDecorators(
    UseInterceptors(new JsonBodyReader(schema)),
    ApiBody({
      schema: described as object,
      required: true,
      examples: { body: { value: example } },
    }),
  );
}

/** An interceptor, because those run after the guards and before the handler's parameters are taken. */
class JsonBodyReader implements NestInterceptor {
  constructor(private readonly schema: z.ZodObject) {}

  async intercept(context: ExecutionContext, next: CallHandler) {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const body = parseJson(await readJson(request, http.getResponse<Response>()));
    request.body = checkFields(this.schema, body);
    return next.handle();
  }
}

/**
 * @throws InvalidFields that names every field that is wrong, missing or not known
 */
export function checkFields<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throw new InvalidFields(result.error.issues.flatMap(fieldErrors).slice(0, MOST_NAMED));
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: Array.from(key).slice(0, LONGEST_NAME).join(''),
      message: 'is not a field that there is',
    }));
  }
  return [{ field: issue.path.join('.'), message: messageOf(issue) }];
}

function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_type') return issue.message;
  return issue.input === undefined ? 'is required' : `must be of type ${issue.expected}`;
}

/** @throws Problem unless it is UTF-8 that calls itself JSON */
async function readJson(request: Request, response: Response): Promise<string> {
  const contentType = request.headers['content-type'] ?? '';
  if (!/^application\/json\s*(;\s*charset\s*=\s*("utf-?8"|utf-?8)\s*)?;?$/i.test(contentType)) {
    const detail = 'Send the body as application/json, in UTF-8';
    throw new Problem({ status: 415, code: 'unsupported_media_type', detail });
  }
  const body = await readRawBody(request, response);
  if (!isUtf8(body)) throw invalidJson('The body is not valid UTF-8');
  return body.toString();
}

function parseJson(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidJson('The body is not valid JSON');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw invalidJson('The body must be a JSON object');
}

function invalidJson(detail: string): Problem {
  return new Problem({ status: 400, code: 'invalid_json', detail });
}
