import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { PassportModule } from '@nestjs/passport';
import { AttemptsModule } from '../attempts/attempts.module.js';
import { ClientsModule } from '../clients/clients.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { UsersModule } from '../users/users.module.js';
import { AuthService } from './auth.service.js';
import { GrantsService } from './grants.service.js';
import { JwtAuthGuard } from './jwt-auth.guard.js';
import { JwtStrategy } from './jwt.strategy.js';
import { LocalStrategy } from './local.strategy.js';
import { TokenController } from './token.controller.js';

@Module({
  imports: [
    PassportModule,
    TokensModule,
    UsersModule,
    SessionsModule,
    ClientsModule,
    AttemptsModule,
  ],
  controllers: [TokenController],
  providers: [
    AuthService,
    GrantsService,
    JwtStrategy,
    LocalStrategy,
    { provide: APP_GUARD, useClass: JwtAuthGuard },
  ],
})
export class AuthModule {}
