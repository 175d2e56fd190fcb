import { Controller, HttpCode, Post, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../http/current-user.decorator.js';
import { OAuthEndpoint } from '../http/oauth-endpoint.decorator.js';
import { Public } from '../http/public.decorator.js';
import { Context, type RequestContext } from '../http/request-context.js';
import type { LoginUser } from '../users/login-user.js';
import type { TokenResponse } from './dto/token-response.js';
import { LocalAuthGuard } from './local-auth.guard.js';
import { CurrentTokenRequest, type TokenRequest } from './token-request.js';
import { TokenRequestGuard } from './token-request.guard.js';
import { ApiRequestToken } from './token.docs.js';
import { TokenService } from './token.service.js';

@ApiTags('auth')
@Controller()
export class TokenController {
  constructor(private readonly tokens: TokenService) {}

  @Post('token')
  @HttpCode(200)
  @Public()
  @OAuthEndpoint()
  @UseGuards(TokenRequestGuard, LocalAuthGuard)
  @ApiRequestToken()
  requestToken(
    @Context() context: RequestContext,
    @CurrentTokenRequest() request: TokenRequest,
    @CurrentUser() user?: LoginUser,
  ): Promise<TokenResponse> {
    return this.tokens.answer(context, request, user);
  }
}
