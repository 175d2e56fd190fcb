import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Context, type RequestContext } from '../http/request-context.js';
import { JsonBody } from '../http/json-body.js';
import { Public } from '../http/public.decorator.js';
import * as bodies from './account-bodies.js';
import type { MailNotice } from './dto/mail-notice.js';
import {
  ApiConfirmEmailVerification,
  ApiRequestEmailVerification,
} from './email-verification.docs.js';
import { EmailVerificationService } from './email-verification.service.js';

@ApiTags('accounts')
@Controller('email-verification')
export class EmailVerificationController {
  constructor(private readonly verifications: EmailVerificationService) {}

  @Post()
  @HttpCode(202)
  @Public()
  @JsonBody(bodies.addressBody, { email: 'alex@example.com' })
  @ApiRequestEmailVerification()
  request(@Body() body: bodies.AddressBody): Promise<MailNotice> {
    return this.verifications.request(body);
  }

  @Post('confirm')
  @HttpCode(204)
  @Public()
  @JsonBody(bodies.tokenBody, { token: 'bW9yZSB0aGFuIGFueWJvZHkgY291bGQgZXZlciBndWVzcw' })
  @ApiConfirmEmailVerification()
  confirm(@Context() context: RequestContext, @Body() body: bodies.TokenBody): Promise<void> {
    return this.verifications.confirm(context, body);
  }
}
