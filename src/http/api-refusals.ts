import { applyDecorators } from '@nestjs/common';
import { ApiOAuth2 } from '@nestjs/swagger';
import { ApiOAuthError, ApiProblem, type ErrorDocs, type Example } from './api-errors.js';

const challenge = { 'WWW-Authenticate': 'Bearer, and what is wrong with the token (RFC 6750 §3)' };

const DATABASE_AWAY: ErrorDocs = {
  description: 'The database does not answer',
  headers: { 'Retry-After': 'Seconds' },
  examples: [['temporarily_unavailable', 'The database does not answer; try again']],
};

const TOO_MANY_ATTEMPTS: ErrorDocs = {
  description:
    'Too many wrong passwords for the user, from the address, or both; then also for the right one',
  headers: { 'Retry-After': 'Seconds' },
  examples: [['too_many_attempts', 'Too many attempts; try again later']],
};

/** What a body is refused for before its fields are looked at, for the answers with 400. */
export const JSON_REFUSALS: readonly Example[] = [
  ['invalid_json', 'The body is not valid UTF-8'],
  ['invalid_json', 'The body is not valid JSON'],
  ['invalid_json', 'The body must be a JSON object'],
];

/** Documents what any endpoint refuses, whatever it is for. @param methods what its path is served under */
export function ApiRefusals(...methods: string[]) {
  return refusals(ApiProblem, methods, {
    405: 'method_not_allowed',
    415: 'unsupported_media_type',
    431: 'header_fields_too_large',
  });
}

/** The same for an endpoint that takes JSON in the body. */
export function ApiJsonRefusals(...methods: string[]) {
  return applyDecorators(
    ApiRefusals(...methods),
    ApiProblem(413, {
      description: 'A body over 64 KiB',
      examples: [['content_too_large', 'The request body is too large']],
    }),
    ApiProblem(415, {
      description: 'A Content-Encoding, or a body that does not say it is JSON',
      examples: [
        ['unsupported_media_type', 'Send the request without Content-Encoding'],
        ['unsupported_media_type', 'Send the body as application/json, in UTF-8'],
      ],
    }),
  );
}

/** Documents what an endpoint that needs the database answers without it. */
export function ApiUnavailable() {
  return ApiProblem(503, DATABASE_AWAY);
}

/** Documents that an endpoint takes no more guesses at a password. */
export function ApiTooManyAttempts() {
  return ApiProblem(429, TOO_MANY_ATTEMPTS);
}

/** The same for an OAuth endpoint. */
export function ApiOAuthTooManyAttempts() {
  return ApiOAuthError(429, TOO_MANY_ATTEMPTS);
}

/** Documents what an endpoint that computes a hash answers where it can't. */
export function ApiHashingUnavailable() {
  return ApiProblem(503, {
    ...DATABASE_AWAY,
    description: 'Too many passwords at once, or the database does not answer',
    examples: [
      ['temporarily_unavailable', 'Too many logins at once; try again'],
      ...DATABASE_AWAY.examples,
    ],
  });
}

/** As `ApiRefusals`, for an OAuth endpoint. */
export function ApiOAuthRefusals(...methods: string[]) {
  const code = 'invalid_request';
  return refusals(ApiOAuthError, methods, { 405: code, 415: code, 431: code });
}

/** The same for an OAuth endpoint that takes a form. */
export function ApiFormRefusals() {
  return applyDecorators(
    ApiOAuthError(413, {
      description: 'A body over 64 KiB',
      examples: [['invalid_request', 'The request body is too large']],
    }),
    ApiOAuthRefusals('POST'),
  );
}

/** Documents what an OAuth endpoint that needs the database answers without it. */
export function ApiOAuthUnavailable() {
  return ApiOAuthError(503, DATABASE_AWAY);
}

/** What an endpoint refuses besides, by status. */
interface BearerRefusals {
  /** What the handler, or its class, says in `@Scopes()`. */
  scopes?: string[];
  400?: Example[];
  403?: Example[];
  404?: Example[];
}

/** Documents the lock, and what whoever has no good access token is answered. */
export function ApiBearerRefusals({ scopes = [], ...more }: BearerRefusals = {}) {
  return applyDecorators(
    ApiOAuth2(scopes, 'OAuth2PasswordBearer'),
    ...(scopes.length > 0 ? [insufficientScope(scopes, more[403])] : []),
    ApiProblem(400, {
      description: 'The request is not right; a token that was sent twice comes with a challenge',
      examples: [
        ...(more[400] ?? []),
        ['invalid_request', 'Send one Authorization header'],
        ['invalid_request', 'Send the access token in the Authorization header only'],
      ],
    }),
    ApiProblem(401, {
      description: 'No token, or not a good one',
      headers: challenge,
      examples: [
        ['not_authenticated', 'Not authenticated'],
        ['invalid_token', 'Could not validate token'],
        ['invalid_token', 'Token is expired! Hit Authorize to receive a new token'],
        ['invalid_token', 'Inactive user'],
      ],
    }),
    ApiProblem(404, {
      description: 'There is no such thing; that the user is gone comes with a challenge',
      examples: [...(more[404] ?? []), ['user_not_found', 'User not found in token data']],
    }),
    ApiProblem(503, DATABASE_AWAY),
  );
}

function insufficientScope(scopes: string[], more: Example[] = []) {
  return ApiProblem(403, {
    description: 'Not with this token; that it lacks a scope comes with a challenge',
    examples: [
      ['insufficient_scope', `The access token needs the scope ${scopes.join(' ')}`],
      ...more,
    ],
  });
}

function refusals(
  ApiError: typeof ApiProblem,
  methods: string[],
  codes: Record<405 | 415 | 431, string>,
) {
  return applyDecorators(
    ApiError(405, {
      description: 'Another method',
      headers: { Allow: methods.join(', ') },
      examples: [[codes[405], `Method not allowed; use ${methods.join(' or ')}`]],
    }),
    ApiError(415, {
      description: 'A Content-Encoding',
      examples: [[codes[415], 'Send the request without Content-Encoding']],
    }),
    ApiError(431, {
      description: 'A header section over 8 KiB; for some, Node answers without a body',
      examples: [[codes[431], 'The header section is too large']],
    }),
  );
}
