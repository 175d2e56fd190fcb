import { Controller, Delete, Get, HttpCode, Param, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { CurrentSession } from '../common/current-session.decorator.js';
import { CurrentUser } from '../common/current-user.decorator.js';
import type { Account } from '../users/account.js';
import type { SessionResponse } from './dto/session-response.js';
import { OwnSessionsService } from './own-sessions.service.js';
import { ApiEndSession, ApiEndSessions, ApiListSessions } from './sessions.docs.js';

@ApiTags('sessions')
@Controller('users/me/sessions')
export class SessionsController {
  constructor(private readonly own: OwnSessionsService) {}

  @Get()
  @ApiListSessions()
  list(
    @CurrentUser() user: Account,
    @CurrentSession() current?: string,
  ): Promise<SessionResponse[]> {
    return this.own.list(user, current);
  }

  @Delete()
  @HttpCode(204)
  @ApiEndSessions()
  endAll(
    @Req() request: Request,
    @CurrentUser() user: Account,
    @CurrentSession() current?: string,
  ): Promise<void> {
    return this.own.endAll(request, user, current);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiEndSession()
  end(
    @Req() request: Request,
    @CurrentUser() user: Account,
    @Param('id') id: string,
  ): Promise<void> {
    return this.own.end(request, user, id);
  }
}
