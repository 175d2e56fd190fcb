import { STATUS_CODES } from 'node:http';
import { applyDecorators } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiResponse,
  type ApiResponseOptions,
  getSchemaPath,
} from '@nestjs/swagger';
import { OAuthErrorBody, ProblemBody } from './error-bodies.js';
import type { FieldError } from './problem.js';

/** An answer to document: its code (RFC 6749's word, or latchkey's), its detail, and which fields are wrong. */
export type Example = readonly [code: string, detail: string, errors?: FieldError[]];

export interface ErrorDocs {
  description: string;
  /** Header names, each with what it says. */
  headers?: Record<string, string>;
  examples: readonly Example[];
}

/** Documents an error of an OAuth endpoint (RFC 6749 §5.2), with an example of each. */
export function ApiOAuthError(status: number, docs: ErrorDocs) {
  const body = ([error, detail]: Example) => ({ error, error_description: detail, detail });
  return documented(status, docs, 'application/json', OAuthErrorBody, body);
}

/** Documents an error in problem details (RFC 9457), with an example of each. */
export function ApiProblem(status: number, docs: ErrorDocs) {
  const body = ([code, detail, errors]: Example) => ({
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    detail,
    code,
    request_id: '8d5a1c0e-5e0f-4c43-9d33-2f1c2b7d9a10',
    ...(errors && { errors }),
  });
  return documented(status, docs, 'application/problem+json', ProblemBody, body);
}

function documented(
  status: number,
  { description, headers = {}, examples }: ErrorDocs,
  mediaType: string,
  Body: typeof OAuthErrorBody | typeof ProblemBody,
  bodyOf: (example: Example) => object,
): MethodDecorator & ClassDecorator {
  const content = {
    schema: { $ref: getSchemaPath(Body) },
    examples: Object.fromEntries(
      examples.map((example) => [example[1], { value: bodyOf(example) }]),
    ),
  };
  const headerDocs: NonNullable<ApiResponseOptions['headers']> = {};
  for (const [name, text] of Object.entries(headers)) {
    headerDocs[name] = { description: text, schema: { type: 'string' } };
  }
  return applyDecorators(
    ApiExtraModels(Body),
    ApiResponse({
      status,
      description,
      headers: headerDocs,
      content: { [mediaType]: content },
    }),
  );
}
