import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { OAuthEndpoint } from '../common/oauth-endpoint.decorator.js';
import { Public } from '../common/public.decorator.js';
import type { IntrospectionResponse } from './dto/introspection-response.js';
import { ApiIntrospectToken } from './introspection.docs.js';
import { IntrospectionService } from './introspection.service.js';

@ApiTags('services')
@Controller()
export class IntrospectionController {
  constructor(private readonly introspection: IntrospectionService) {}

  @Post('introspect')
  @HttpCode(200)
  @Public()
  @OAuthEndpoint()
  @ApiIntrospectToken()
  introspect(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<IntrospectionResponse> {
    return this.introspection.introspect(request, response);
  }
}
