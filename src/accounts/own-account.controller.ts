import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { CurrentSession } from '../common/current-session.decorator.js';
import { CurrentUser } from '../common/current-user.decorator.js';
import { JsonBody } from '../common/json-body.js';
import type { Account } from '../users/account.js';
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
    @Req() request: Request,
    @CurrentUser() user: Account,
    @Body() body: bodies.ProfileChangeBody,
  ): Promise<ProfileResponse> {
    return this.own.changeProfile(request, user, body);
  }

  @Post('password')
  @HttpCode(204)
  @JsonBody(bodies.passwordChangeBody, {
    current_password: 'correct horse battery',
    new_password: 'staple battery horse',
  })
  @docs.ApiChangePassword()
  changePassword(
    @Req() request: Request,
    @CurrentUser() user: Account,
    @Body() body: bodies.PasswordChangeBody,
    @CurrentSession() current?: string,
  ): Promise<void> {
    return this.own.changePassword(request, user, body, current);
  }

  @Post('email')
  @HttpCode(202)
  @JsonBody(bodies.emailChangeBody, {
    email: 'alex@example.org',
    password: 'correct horse battery',
  })
  @docs.ApiChangeEmail()
  changeEmail(
    @Req() request: Request,
    @CurrentUser() user: Account,
    @Body() body: bodies.EmailChangeBody,
  ): Promise<MailNotice> {
    return this.own.changeEmail(request, user, body);
  }

  @Get('export')
  @docs.ApiExportAccount()
  export(@CurrentUser() user: Account): Promise<AccountExport> {
    return this.exports.read(user);
  }

  @Delete()
  @HttpCode(204)
  @JsonBody(bodies.deletionBody, { password: 'correct horse battery' })
  @docs.ApiDeleteAccount()
  delete(
    @Req() request: Request,
    @CurrentUser() user: Account,
    @Body() body: bodies.DeletionBody,
  ): Promise<void> {
    return this.own.delete(request, user, body);
  }
}
