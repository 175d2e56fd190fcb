import { Body, Controller, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Context, type RequestContext } from '../http/request-context.js';
import { JsonBody } from '../http/json-body.js';
import { Public } from '../http/public.decorator.js';
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
    @Context() context: RequestContext,
    @Res({ passthrough: true }) response: Response,
    @Body() body: RegistrationBody,
  ): Promise<Profile | MailNotice> {
    const answer = await this.registration.register(context, body);
    response.status(answer === MailNotice.SENT ? 202 : 201);
    return answer;
  }
}
