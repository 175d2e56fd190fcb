import { Controller, Delete, Get, HttpCode, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RawQuery } from '../http/query-parameter.js';
import { Context, type RequestContext } from '../http/request-context.js';
import { CurrentSession } from '../http/current-session.decorator.js';
import { CurrentUser } from '../http/current-user.decorator.js';
import type { LoginUser } from '../users/login-user.js';
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
    @CurrentUser() user: LoginUser,
    @CurrentSession() current?: string,
  ): Promise<SessionResponse[]> {
    return this.own.list(user, current);
  }

  @Delete()
  @HttpCode(204)
  @ApiEndSessions()
  endAll(
    @Context() context: RequestContext,
    @RawQuery() query: URLSearchParams,
    @CurrentUser() user: LoginUser,
    @CurrentSession() current?: string,
  ): Promise<void> {
    return this.own.endAll(context, query, user, current);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiEndSession()
  end(
    @Context() context: RequestContext,
    @CurrentUser() user: LoginUser,
    @Param('id') id: string,
  ): Promise<void> {
    return this.own.end(context, user, id);
  }
}
