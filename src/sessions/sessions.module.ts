import { Module } from '@nestjs/common';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { ExpiringRows } from '../database/expiring-rows.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { UsersModule } from '../users/users.module.js';
import { LiveSessions } from './live-sessions.service.js';
import { OwnSessionsService } from './own-sessions.service.js';
import { RefreshTokens } from './refresh-tokens.js';
import { RevocationCounter } from './revocation-counter.entity.js';
import { RevocationsService } from './revocations.service.js';
import { RefreshRotationService } from './refresh-rotation.service.js';
import { KEPT_MS, Session } from './session.entity.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsService } from './sessions.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Session, RevocationCounter]), TokensModule, UsersModule],
  controllers: [SessionsController],
  providers: [
    LiveSessions,
    OwnSessionsService,
    RefreshTokens,
    RevocationsService,
    RefreshRotationService,
    SessionsService,
  ],
  exports: [
    LiveSessions,
    RefreshTokens,
    RevocationsService,
    RefreshRotationService,
    SessionsService,
    TypeOrmModule,
  ],
})
export class SessionsModule {
  constructor(expiring: ExpiringRows, @InjectRepository(Session) rows: Repository<Session>) {
    expiring.register({ rows, key: 'id', time: 'expiresAt', kept: KEPT_MS });
  }
}
