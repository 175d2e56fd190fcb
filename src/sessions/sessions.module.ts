import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { UsersModule } from '../users/users.module.js';
import { RefreshTokens } from './refresh-tokens.js';
import { RevocationCounter } from './revocation-counter.entity.js';
import { RevocationsService } from './revocations.service.js';
import { Session } from './session.entity.js';

@Module({
  imports: [TypeOrmModule.forFeature([Session, RevocationCounter]), UsersModule],
  providers: [RefreshTokens, RevocationsService],
  exports: [RevocationsService],
})
export class SessionsModule {}
