import { Injectable } from '@nestjs/common';
import type { RequestContext } from '../http/request-context.js';
import type { LoginUser } from '../users/login-user.js';
import type { TokenResponse } from './dto/token-response.js';
import { ClientCredentialsGrant } from './grants/client-credentials.grant.js';
import { PasswordGrant } from './grants/password.grant.js';
import { RefreshTokenGrant } from './grants/refresh-token.grant.js';
import type { TokenRequest } from './token-request.js';

/** Answers a token request by the grant that it names. */
@Injectable()
export class TokenService {
  constructor(
    private readonly password: PasswordGrant,
    private readonly refreshToken: RefreshTokenGrant,
    private readonly clientCredentials: ClientCredentialsGrant,
  ) {}

  /**
   * @param user whose password was right; undefined for a grant without one
   * @throws OAuthError
   * @throws DatabaseUnavailable
   */
  answer(
    context: RequestContext,
    request: TokenRequest,
    user: LoginUser | undefined,
  ): Promise<TokenResponse> {
    switch (request.grantType) {
      case 'password':
        if (!user) throw new TypeError('A password grant without a user');
        return this.password.answer(context, request, user);
      case 'refresh_token':
        return this.refreshToken.answer(context, request);
      case 'client_credentials':
        return this.clientCredentials.answer(context, request);
    }
  }
}
