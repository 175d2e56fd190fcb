import { Body, Controller, Delete, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { JsonBody } from '../http/json-body.js';
import { Scopes, USERS_WRITE } from '../http/scopes.js';
import {
  ApiChangeUser,
  ApiCreateUser,
  ApiDeleteUser,
  ApiEndUserSessions,
  ApiInvite,
  ApiSendReset,
  NEW_USER,
  USER_CHANGE,
} from './admin-changes.docs.js';
import { AdminChangesService } from './admin-changes.service.js';
import { type Administrator, CurrentAdministrator } from './current-administrator.decorator.js';
import {
  newUserBody,
  type NewUserBody,
  userChangeBody,
  type UserChangeBody,
} from './dto/admin-bodies.js';
import type { AdminUserResponse } from './dto/admin-user-response.js';
import type { InvitationResponse } from './dto/invitation-response.js';
import { NewUsersService } from './new-users.service.js';

@ApiTags('admin')
@Controller('admin')
@Scopes(USERS_WRITE)
export class AdminChangesController {
  constructor(
    private readonly changes: AdminChangesService,
    private readonly newUsers: NewUsersService,
  ) {}

  @Post('users')
  @JsonBody(newUserBody, NEW_USER)
  @ApiCreateUser()
  create(
    @CurrentAdministrator() administrator: Administrator,
    @Body() body: NewUserBody,
  ): Promise<AdminUserResponse> {
    return this.newUsers.create(administrator, body);
  }

  @Patch('users/:id')
  @JsonBody(userChangeBody, USER_CHANGE)
  @ApiChangeUser()
  change(
    @CurrentAdministrator() administrator: Administrator,
    @Param('id') id: string,
    @Body() body: UserChangeBody,
  ): Promise<AdminUserResponse> {
    return this.changes.change(administrator, id, body);
  }

  @Delete('users/:id')
  @HttpCode(204)
  @ApiDeleteUser()
  delete(
    @CurrentAdministrator() administrator: Administrator,
    @Param('id') id: string,
  ): Promise<void> {
    return this.changes.delete(administrator, id);
  }

  @Delete('users/:id/sessions')
  @HttpCode(204)
  @ApiEndUserSessions()
  endSessions(
    @CurrentAdministrator() administrator: Administrator,
    @Param('id') id: string,
  ): Promise<void> {
    return this.changes.endSessions(administrator, id);
  }

  @Post('users/:id/password-reset')
  @HttpCode(202)
  @ApiSendReset()
  sendReset(
    @CurrentAdministrator() administrator: Administrator,
    @Param('id') id: string,
  ): Promise<void> {
    return this.changes.sendReset(administrator, id);
  }

  @Post('invitations')
  @ApiInvite()
  invite(@CurrentAdministrator() administrator: Administrator): Promise<InvitationResponse> {
    return this.newUsers.invite(administrator);
  }
}
