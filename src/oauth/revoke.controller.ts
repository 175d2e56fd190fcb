import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { OAuthEndpoint } from '../common/oauth-endpoint.decorator.js';
import { Public } from '../common/public.decorator.js';
import { ApiRevokeToken } from './revoke.docs.js';
import { RevokeService } from './revoke.service.js';

@ApiTags('sessions')
@Controller()
export class RevokeController {
  constructor(private readonly revocation: RevokeService) {}

  @Post('revoke')
  @HttpCode(200)
  @Public()
  @OAuthEndpoint()
  @ApiRevokeToken()
  revoke(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<void> {
    return this.revocation.revoke(request, response);
  }
}
