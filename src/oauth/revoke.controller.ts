import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { FormBody } from '../http/form-body.decorator.js';
import { OAuthEndpoint } from '../http/oauth-endpoint.decorator.js';
import { Public } from '../http/public.decorator.js';
import { Context, type RequestContext } from '../http/request-context.js';
import { ApiRevokeToken } from './revoke.docs.js';
import { RevokeService } from './revoke.service.js';
import { TOKEN_FIELDS, type TokenParameterForm } from './token-parameter.js';

@ApiTags('sessions')
@Controller()
export class RevokeController {
  constructor(private readonly revocation: RevokeService) {}

  @Post('revoke')
  @HttpCode(200)
  @Public()
  @OAuthEndpoint()
  @FormBody(TOKEN_FIELDS)
  @ApiRevokeToken()
  revoke(@Context() context: RequestContext, @Body() form: TokenParameterForm): Promise<void> {
    return this.revocation.revoke(context, form);
  }
}
