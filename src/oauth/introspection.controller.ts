import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { FormBody } from '../http/form-body.decorator.js';
import { OAuthEndpoint } from '../http/oauth-endpoint.decorator.js';
import { Public } from '../http/public.decorator.js';
import { Context, type RequestContext } from '../http/request-context.js';
import type { IntrospectionResponse } from './dto/introspection-response.js';
import { ApiIntrospectToken } from './introspection.docs.js';
import { IntrospectionService } from './introspection.service.js';
import { TOKEN_FIELDS, type TokenParameterForm } from './token-parameter.js';

@ApiTags('services')
@Controller()
export class IntrospectionController {
  constructor(private readonly introspection: IntrospectionService) {}

  @Post('introspect')
  @HttpCode(200)
  @Public()
  @OAuthEndpoint()
  @FormBody(TOKEN_FIELDS)
  @ApiIntrospectToken()
  introspect(
    @Context() context: RequestContext,
    @Body() form: TokenParameterForm,
  ): Promise<IntrospectionResponse> {
    return this.introspection.introspect(context, form);
  }
}
