import { Controller, HttpCode, Post, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../common/current-user.decorator.js';
import { OAuthEndpoint } from '../common/oauth-endpoint.decorator.js';
import { Public } from '../common/public.decorator.js';
import type { Account } from '../users/account.js';
import { AuthService } from './auth.service.js';
import type { TokenResponse } from './dto/token-response.js';
import { LocalAuthGuard } from './local-auth.guard.js';
import { ApiRequestToken } from './token.docs.js';

@ApiTags('auth')
@Controller()
export class TokenController {
  constructor(private readonly auth: AuthService) {}

  @Post('token')
  @HttpCode(200)
  @Public()
  @OAuthEndpoint()
  @UseGuards(LocalAuthGuard)
  @ApiRequestToken()
  requestToken(@CurrentUser() user: Account): TokenResponse {
    return this.auth.issueToken(user);
  }
}
