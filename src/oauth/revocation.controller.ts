import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { OAuthEndpoint } from '../common/oauth-endpoint.decorator.js';
import { Public } from '../common/public.decorator.js';
import { ApiRevokeToken } from './revocation.docs.js';
import { RevocationService } from './revocation.service.js';

@ApiTags('sessions')
@Controller()
export class RevocationController {
  constructor(private readonly revocation: RevocationService) {}

  @Post('revoke')
  @HttpCode(200)
  @Public()
  @OAuthEndpoint()
  @ApiRevokeToken()
  revoke(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<void> {
    return this.revocation.revoke(request, response);
  }
}
