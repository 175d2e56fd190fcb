import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiProperty } from '@nestjs/swagger';
import {
  IncorrectClientCredentials,
  type InvalidClient,
  RepeatedClientSecret,
} from '../clients/client-errors.js';
import { ApiOAuthUnavailable } from '../database/database.docs.js';
import { ApiOAuthError } from '../http/error-answers.docs.js';
import { ApiFormRefusals } from '../http/common-refusals.docs.js';
import { MissingField, RepeatedField } from '../http/form-errors.js';

/** The form of RFC 7009 §2.1 and RFC 7662 §2.1. */
class TokenFormBody {
  @ApiProperty({ type: String, format: 'password', description: 'An access or a refresh token' })
  token!: string;

  @ApiProperty({
    type: String,
    required: false,
    example: 'refresh_token',
    description: 'Every kind is tried, whatever the hint',
  })
  token_type_hint?: string;

  @ApiProperty({ type: String, required: false, description: 'Unless HTTP Basic says it' })
  client_id?: string;

  @ApiProperty({
    type: String,
    required: false,
    format: 'password',
    description: 'Unless HTTP Basic says it',
  })
  client_secret?: string;
}

/** Documents what an endpoint with this form takes and refuses. @param unauthenticated what 401 says besides */
export function ApiTokenForm(...unauthenticated: InvalidClient[]) {
  return applyDecorators(
    ApiConsumes('application/x-www-form-urlencoded', 'multipart/form-data'),
    ApiBody({ type: TokenFormBody }),
    ApiOAuthError({
      description: 'The form is invalid; the description says which field, and what to send',
      examples: [new MissingField('token'), new RepeatedField('token'), new RepeatedClientSecret()],
    }),
    ApiOAuthError({
      description: 'The client did not prove who it is',
      headers: { 'WWW-Authenticate': 'Basic' },
      examples: [...unauthenticated, new IncorrectClientCredentials()],
    }),
    ApiFormRefusals(),
    ApiOAuthUnavailable(),
  );
}
