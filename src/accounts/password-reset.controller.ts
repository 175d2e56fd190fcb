import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { JsonBody } from '../common/json-body.js';
import { Public } from '../common/public.decorator.js';
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
  request(@Req() request: Request, @Body() body: bodies.AddressBody): Promise<MailNotice> {
    return this.resets.request(request, body);
  }

  @Post('confirm')
  @HttpCode(204)
  @Public()
  @JsonBody(bodies.newPasswordBody, {
    token: 'bW9yZSB0aGFuIGFueWJvZHkgY291bGQgZXZlciBndWVzcw',
    new_password: 'staple battery horse',
  })
  @ApiConfirmPasswordReset()
  confirm(@Req() request: Request, @Body() body: bodies.NewPasswordBody): Promise<void> {
    return this.resets.confirm(request, body);
  }
}
