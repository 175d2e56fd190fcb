import { Controller, HttpCode, Post, Req, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { CurrentUser } from '../common/current-user.decorator.js';
import { OAuthEndpoint } from '../common/oauth-endpoint.decorator.js';
import { Public } from '../common/public.decorator.js';
import type { Account } from '../users/account.js';
import type { TokenResponse } from './dto/token-response.js';
import { GrantsService } from './grants.service.js';
import { LocalAuthGuard } from './local-auth.guard.js';
import { TokenRequestGuard } from './token-request.guard.js';
import { ApiRequestToken } from './token.docs.js';

@ApiTags('auth')
@Controller()
export class TokenController {
  constructor(private readonly grants: GrantsService) {}

  @Post('token')
  @HttpCode(200)
  @Public()
  @OAuthEndpoint()
  @UseGuards(TokenRequestGuard, LocalAuthGuard)
  @ApiRequestToken()
  requestToken(@Req() request: Request, @CurrentUser() user?: Account): Promise<TokenResponse> {
    return this.grants.grant(request, user);
  }
}
