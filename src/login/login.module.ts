import { Module } from '@nestjs/common';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { ExpiringRows } from '../database/expiring-rows.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { UsersModule } from '../users/users.module.js';
import { AttemptCounter } from './attempt-counter.entity.js';
import { AttemptCounters } from './attempt-counters.service.js';
import { LoginService } from './login.service.js';
import { PasswordAttempts } from './password-attempts.service.js';

/** How long a counter is kept once its window is over, in milliseconds: longer than the check of a password. */
const KEPT_MS = 60_000;

@Module({
  imports: [TypeOrmModule.forFeature([AttemptCounter]), UsersModule, SessionsModule],
  providers: [AttemptCounters, PasswordAttempts, LoginService],
  exports: [LoginService, PasswordAttempts],
})
export class LoginModule {
  constructor(
    expiring: ExpiringRows,
    @InjectRepository(AttemptCounter) rows: Repository<AttemptCounter>,
  ) {
    expiring.register({ rows, key: 'key', time: 'expire', kept: KEPT_MS });
  }
}
