import { applyDecorators } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiResponse,
  type ApiResponseOptions,
  getSchemaPath,
} from '@nestjs/swagger';
import { OAuthErrorBody, ProblemBody } from './error-bodies.js';
import type { Problem } from './problem.js';

/** The header that says how long to wait. */
export const RETRY_AFTER = { 'Retry-After': 'Seconds' };

/** The refusals of an endpoint that have one status. */
export interface ErrorDocs {
  description: string;
  /** Header names, each with what it says; every example has them. */
  headers?: Record<string, string>;
  examples: readonly Problem[];
}

const REQUEST_ID = '8d5a1c0e-5e0f-4c43-9d33-2f1c2b7d9a10';

/** Documents errors of an OAuth endpoint (RFC 6749 §5.2), with the answer to each. */
export function ApiOAuthError(docs: ErrorDocs) {
  return documented(docs, 'application/json', OAuthErrorBody, (problem) =>
    OAuthErrorBody.of(problem),
  );
}

/** Documents errors in problem details (RFC 9457), with the answer to each. */
export function ApiProblem(docs: ErrorDocs) {
  return documented(docs, 'application/problem+json', ProblemBody, (problem) =>
    ProblemBody.of(problem, REQUEST_ID),
  );
}

function documented(
  { description, headers = {}, examples }: ErrorDocs,
  mediaType: string,
  Body: typeof OAuthErrorBody | typeof ProblemBody,
  bodyOf: (problem: Problem) => object,
): MethodDecorator & ClassDecorator {
  const content = {
    schema: { $ref: getSchemaPath(Body) },
    examples: Object.fromEntries(
      examples.map((problem) => [problem.detail, { value: bodyOf(problem) }]),
    ),
  };
  const headerDocs: NonNullable<ApiResponseOptions['headers']> = {};
  for (const [name, text] of Object.entries(headers)) {
    if (examples.some((problem) => !(name in problem.headers))) {
      throw new TypeError(`Not every example has the header ${name}: ${description}`);
    }
    headerDocs[name] = { description: text, schema: { type: 'string' } };
  }
  return applyDecorators(
    ApiExtraModels(Body),
    ApiResponse({
      status: statusOf(examples),
      description,
      headers: headerDocs,
      content: { [mediaType]: content },
    }),
  );
}

/** @throws TypeError unless they have one status, and the same */
function statusOf(examples: readonly Problem[]): number {
  const [status, ...others] = new Set(examples.map((problem) => problem.status));
  if (status !== undefined && others.length === 0) return status;
  const details = examples.map(({ detail }) => detail).join('; ');
  throw new TypeError(`These must have one status: ${details}`);
}
