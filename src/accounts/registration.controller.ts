import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { JsonBody } from '../common/json-body.js';
import { Public } from '../common/public.decorator.js';
import type { Profile } from '../users/dto/profile.js';
import { type RegistrationBody, registrationBody } from './account-bodies.js';
import { MailNotice } from './dto/mail-notice.js';
import { ApiRegister } from './registration.docs.js';
import { RegistrationService } from './registration.service.js';

@ApiTags('accounts')
@Controller('users')
export class RegistrationController {
  constructor(private readonly registration: RegistrationService) {}

  @Post()
  @Public()
  @JsonBody(registrationBody, {
    username: 'kim',
    password: 'a quiet horse',
    email: 'kim@example.com',
    full_name: 'Kim Doe',
  })
  @ApiRegister()
  async register(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Body() body: RegistrationBody,
  ): Promise<Profile | MailNotice> {
    const answer = await this.registration.register(request, body);
    response.status(answer === MailNotice.SENT ? 202 : 201);
    return answer;
  }
}
