import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { CallingClient } from '../clients/client-authentication.js';
import type { FormFields } from '../http/form-body.js';
import { singleFields } from '../http/oauth-form.js';
import { parseScope } from '../http/scopes.js';
import {
  type ClientCredentialsFields,
  readClientCredentials,
} from './grants/client-credentials.grant.js';
import { type PasswordFields, readPassword } from './grants/password.grant.js';
import { type RefreshTokenFields, readRefreshToken } from './grants/refresh-token.grant.js';
import { InvalidScopeSyntax, UnsupportedGrantType } from './token-request-errors.js';

declare module 'express-serve-static-core' {
  interface Request {
    /** At the token endpoint, once `TokenRequestGuard` has read it. */
    tokenRequest?: TokenRequest;
  }
}

/** The grant of a request to the token endpoint. */
export type GrantFields = PasswordFields | RefreshTokenFields | ClientCredentialsFields;

/** A request to the token endpoint, and the client that sends it. */
export type TokenRequest = GrantFields & { client: CallingClient | undefined };

const KNOWN = [
  'username',
  'password',
  'grant_type',
  'scope',
  'refresh_token',
  'client_id',
  'client_secret',
] as const;
export type TokenForm = ReadonlyMap<(typeof KNOWN)[number], string>;

/** RFC 6749 §3.3: printable ASCII without `"` and `\`, separated by spaces. */
const SCOPE_SYNTAX = /^[\x20\x21\x23-\x5B\x5D-\x7E]*$/;

/** The request as it was read, for the handler. */
export const CurrentTokenRequest = createParamDecorator(
  (_: unknown, context: ExecutionContext) =>
    context.switchToHttp().getRequest<Request>().tokenRequest,
);

/** @throws InvalidRequest that names the field */
export function tokenForm(fields: FormFields): TokenForm {
  return singleFields(fields, KNOWN);
}

/**
 * @param isRefreshable are there refresh tokens at all?
 * @throws InvalidRequest that says which field and what to send
 * @throws UnsupportedGrantType
 * @throws InvalidScopeSyntax
 * @throws ScopeOfClient
 */
export function parseGrant(form: TokenForm, isRefreshable: boolean): GrantFields {
  const grantType = form.get('grant_type') ?? '';
  const scopes = () => requestedScopes(form);
  if (grantType === 'client_credentials') return readClientCredentials(scopes());
  if (grantType === 'refresh_token' && isRefreshable) return readRefreshToken(form, scopes);
  if (grantType === '' || grantType === 'password') return readPassword(form, scopes);
  throw new UnsupportedGrantType(isRefreshable);
}

function requestedScopes(form: TokenForm): string[] {
  const scope = form.get('scope') ?? '';
  if (!SCOPE_SYNTAX.test(scope)) throw new InvalidScopeSyntax();
  return parseScope(scope);
}
