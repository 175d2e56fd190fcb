import { Body, Controller, Delete, Get, HttpCode, Patch, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Context, type RequestContext } from '../http/request-context.js';
import { CurrentSession } from '../http/current-session.decorator.js';
import { CurrentUser } from '../http/current-user.decorator.js';
import { JsonBody } from '../http/json-body.js';
import type { LoginUser } from '../users/login-user.js';
import type { ProfileResponse } from '../users/dto/profile.js';
import * as bodies from './account-bodies.js';
import { AccountExportService } from './account-export.service.js';
import type { AccountExport } from './dto/account-export.js';
import type { MailNotice } from './dto/mail-notice.js';
import * as docs from './own-account.docs.js';
import { OwnAccountService } from './own-account.service.js';

@ApiTags('accounts')
@Controller('users/me')
export class OwnAccountController {
  constructor(
    private readonly own: OwnAccountService,
    private readonly exports: AccountExportService,
  ) {}

  @Patch()
  @JsonBody(bodies.profileChangeBody, { full_name: 'Alex Kasai' })
  @docs.ApiChangeProfile()
  changeProfile(
    @Context() context: RequestContext,
    @CurrentUser() user: LoginUser,
    @Body() body: bodies.ProfileChangeBody,
  ): Promise<ProfileResponse> {
    return this.own.changeProfile(context, user, body);
  }

  @Post('password')
  @HttpCode(204)
  @JsonBody(bodies.passwordChangeBody, {
    current_password: 'correct horse battery',
    new_password: 'staple battery horse',
  })
  @docs.ApiChangePassword()
  changePassword(
    @Context() context: RequestContext,
    @CurrentUser() user: LoginUser,
    @Body() body: bodies.PasswordChangeBody,
    @CurrentSession() current?: string,
  ): Promise<void> {
    return this.own.changePassword(context, user, body, current);
  }

  @Post('email')
  @HttpCode(202)
  @JsonBody(bodies.emailChangeBody, {
    email: 'alex@example.org',
    password: 'correct horse battery',
  })
  @docs.ApiChangeEmail()
  changeEmail(
    @Context() context: RequestContext,
    @CurrentUser() user: LoginUser,
    @Body() body: bodies.EmailChangeBody,
  ): Promise<MailNotice> {
    return this.own.changeEmail(context, user, body);
  }

  @Get('export')
  @docs.ApiExportAccount()
  export(@CurrentUser() user: LoginUser): Promise<AccountExport> {
    return this.exports.read(user);
  }

  @Delete()
  @HttpCode(204)
  @JsonBody(bodies.deletionBody, { password: 'correct horse battery' })
  @docs.ApiDeleteAccount()
  delete(
    @Context() context: RequestContext,
    @CurrentUser() user: LoginUser,
    @Body() body: bodies.DeletionBody,
  ): Promise<void> {
    return this.own.delete(context, user, body);
  }
}
