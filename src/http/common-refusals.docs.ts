import { applyDecorators } from '@nestjs/common';
import { ApiOAuth2 } from '@nestjs/swagger';
import { ApiOAuthError, ApiProblem } from './error-answers.docs.js';
import {
  ExpiredBearerToken,
  InactiveUser,
  InsufficientScope,
  InvalidBearerToken,
  NotAuthenticated,
  RepeatedAuthorization,
  TokenInQuery,
  TokenUserNotFound,
} from './bearer-errors.js';
import type { Problem } from './problem.js';
import {
  ContentTooLarge,
  EncodedContent,
  HeaderFieldsTooLarge,
  InvalidJson,
  MethodNotAllowed,
  NotCalledJson,
} from './request-errors.js';

const challenge = { 'WWW-Authenticate': 'Bearer, and what is wrong with the token (RFC 6750 §3)' };

const BODY_TOO_LARGE = { description: 'A body over 64 KiB', examples: [new ContentTooLarge()] };

/** What a body is refused for before its fields are looked at, for the answers with 400. */
export const JSON_REFUSALS: readonly Problem[] = [
  new InvalidJson('encoding'),
  new InvalidJson('syntax'),
  new InvalidJson('type'),
];

/** Documents what any endpoint refuses, whatever it is for. @param methods what its path is served under */
export function ApiRefusals(...methods: string[]) {
  return refusals(ApiProblem, methods);
}

/** The same for an endpoint that takes JSON in the body. */
export function ApiJsonRefusals(...methods: string[]) {
  return applyDecorators(
    ApiRefusals(...methods),
    ApiProblem(BODY_TOO_LARGE),
    ApiProblem({
      description: 'A Content-Encoding, or a body that does not say it is JSON',
      examples: [new EncodedContent(), new NotCalledJson()],
    }),
  );
}

/** As `ApiRefusals`, for an OAuth endpoint. */
export function ApiOAuthRefusals(...methods: string[]) {
  return refusals(ApiOAuthError, methods);
}

/** The same for an OAuth endpoint that takes a form. */
export function ApiFormRefusals() {
  return applyDecorators(ApiOAuthError(BODY_TOO_LARGE), ApiOAuthRefusals('POST'));
}

/** What an endpoint refuses besides, by status. */
interface BearerRefusals {
  /** What the handler, or its class, says in `@Scopes()`. */
  scopes?: string[];
  400?: Problem[];
  403?: Problem[];
  404?: Problem[];
}

/** Documents the lock, and the answers to a request without a valid access token. */
export function ApiBearerRefusals({ scopes = [], ...more }: BearerRefusals = {}) {
  return applyDecorators(
    ApiOAuth2(scopes, 'OAuth2PasswordBearer'),
    ...(scopes.length > 0 ? [insufficientScope(scopes, more[403])] : []),
    ApiProblem({
      description: 'The request is invalid; the answer to a token sent twice has a challenge',
      examples: [...(more[400] ?? []), new RepeatedAuthorization(), new TokenInQuery()],
    }),
    ApiProblem({
      description: 'No token, or not a good one',
      headers: challenge,
      examples: [
        new NotAuthenticated(),
        new InvalidBearerToken('malformed'),
        new ExpiredBearerToken('alex'),
        new InactiveUser('alex'),
      ],
    }),
    ApiProblem({
      description: 'There is no such thing; that the user is gone comes with a challenge',
      examples: [...(more[404] ?? []), new TokenUserNotFound('alex')],
    }),
  );
}

function insufficientScope(scopes: string[], more: Problem[] = []) {
  return ApiProblem({
    description: 'Not with this token; that it lacks a scope comes with a challenge',
    examples: [new InsufficientScope(scopes), ...more],
  });
}

function refusals(ApiError: typeof ApiProblem, methods: string[]) {
  const notAllowed = new MethodNotAllowed(methods);
  return applyDecorators(
    ApiError({
      description: 'Another method',
      headers: notAllowed.headers,
      examples: [notAllowed],
    }),
    ApiError({ description: 'A Content-Encoding', examples: [new EncodedContent()] }),
    ApiError({
      description: 'A header section over 8 KiB; for some, Node answers without a body',
      examples: [new HeaderFieldsTooLarge()],
    }),
  );
}
