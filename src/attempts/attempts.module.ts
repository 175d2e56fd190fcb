import { Module } from '@nestjs/common';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { ExpiringRows } from '../database/expiring-rows.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { AttemptCounter } from './attempt-counter.entity.js';
import { AttemptCounters } from './attempt-counters.service.js';
import { PasswordAttempts } from './password-attempts.service.js';

/** How long a counter is kept once its window is over, in milliseconds: longer than a password is looked at. */
const KEPT = 60_000;

@Module({
  imports: [TypeOrmModule.forFeature([AttemptCounter]), SessionsModule],
  providers: [AttemptCounters, PasswordAttempts],
  exports: [PasswordAttempts],
})
export class AttemptsModule {
  constructor(
    expiring: ExpiringRows,
    @InjectRepository(AttemptCounter) rows: Repository<AttemptCounter>,
  ) {
    expiring.register({ rows, key: 'key', time: 'expire', kept: KEPT });
  }
}
