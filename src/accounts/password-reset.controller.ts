import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Context, type RequestContext } from '../http/request-context.js';
import { JsonBody } from '../http/json-body.js';
import { Public } from '../http/public.decorator.js';
import * as bodies from './account-bodies.js';
import type { MailNotice } from './dto/mail-notice.js';
import { ApiConfirmPasswordReset, ApiRequestPasswordReset } from './password-reset.docs.js';
import { PasswordResetService } from './password-reset.service.js';

@ApiTags('accounts')
@Controller('password-reset')
export class PasswordResetController {
  constructor(private readonly resets: PasswordResetService) {}

  @Post()
  @HttpCode(202)
  @Public()
  @JsonBody(bodies.addressBody, { email: 'alex@example.com' })
  @ApiRequestPasswordReset()
  request(
    @Context() context: RequestContext,
    @Body() body: bodies.AddressBody,
  ): Promise<MailNotice> {
    return this.resets.request(context, body);
  }

  @Post('confirm')
  @HttpCode(204)
  @Public()
  @JsonBody(bodies.newPasswordBody, {
    token: 'bW9yZSB0aGFuIGFueWJvZHkgY291bGQgZXZlciBndWVzcw',
    new_password: 'staple battery horse',
  })
  @ApiConfirmPasswordReset()
  confirm(@Context() context: RequestContext, @Body() body: bodies.NewPasswordBody): Promise<void> {
    return this.resets.confirm(context, body);
  }
}
