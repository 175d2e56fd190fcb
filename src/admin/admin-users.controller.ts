import { Controller, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RawQuery } from '../http/query-parameter.js';
import { Scopes, USERS_READ } from '../http/scopes.js';
import { ApiListUsers, ApiReadUser } from './admin-users.docs.js';
import { AdminUsersService } from './admin-users.service.js';
import type { AdminUserResponse, UserPageResponse } from './dto/admin-user-response.js';

@ApiTags('admin')
@Controller('admin/users')
@Scopes(USERS_READ)
export class AdminUsersController {
  constructor(private readonly users: AdminUsersService) {}

  @Get()
  @ApiListUsers()
  list(@RawQuery() query: URLSearchParams): Promise<UserPageResponse> {
    return this.users.list(query);
  }

  @Get(':id')
  @ApiReadUser()
  read(@Param('id') id: string): Promise<AdminUserResponse> {
    return this.users.read(id);
  }
}
