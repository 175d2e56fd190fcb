import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { unlessKnown } from '../http/etag.js';
import { OAuthEndpoint } from '../http/oauth-endpoint.decorator.js';
import { Public } from '../http/public.decorator.js';
import { RawQuery } from '../http/query-parameter.js';
import { contextOf } from '../http/request-context.js';
import type { RevocationList } from './dto/revocation-list.js';
import { ApiReadRevocations } from './revocation-feed.docs.js';
import { RevocationFeedService } from './revocation-feed.service.js';

@ApiTags('services')
@Controller('revocations')
export class RevocationFeedController {
  constructor(private readonly feed: RevocationFeedService) {}

  @Get()
  @Public()
  @OAuthEndpoint()
  @ApiReadRevocations()
  async read(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @RawQuery() query: URLSearchParams,
  ): Promise<RevocationList | undefined> {
    return unlessKnown(request, response, await this.feed.read(contextOf(request), query));
  }
}
