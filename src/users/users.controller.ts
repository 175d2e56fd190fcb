import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../common/current-user.decorator.js';
import { ApiReadProfile } from './users.docs.js';
import { Profile, type ProfileResponse } from './dto/profile.js';
import type { Account } from './account.js';

@ApiTags('users')
@Controller('users')
export class UsersController {
  @Get('me')
  @ApiReadProfile()
  readProfile(@CurrentUser() user: Account): ProfileResponse {
    return { 'user data': Profile.of(user) };
  }
}
