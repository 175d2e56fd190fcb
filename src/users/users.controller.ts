import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../http/current-user.decorator.js';
import { ApiReadProfile } from './users.docs.js';
import { Profile, type ProfileResponse } from './dto/profile.js';
import type { LoginUser } from './login-user.js';

@ApiTags('users')
@Controller('users')
export class UsersController {
  @Get('me')
  @ApiReadProfile()
  readProfile(@CurrentUser() user: LoginUser): ProfileResponse {
    return { 'user data': Profile.of(user) };
  }
}
