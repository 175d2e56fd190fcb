import { Module } from '@nestjs/common';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { ExpiringRows } from '../database/expiring-rows.js';
import { OneTimeToken } from './one-time-token.entity.js';
import { OneTimeTokensService } from './one-time-tokens.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([OneTimeToken])],
  providers: [OneTimeTokensService],
  exports: [OneTimeTokensService],
})
export class OneTimeTokensModule {
  constructor(
    expiring: ExpiringRows,
    @InjectRepository(OneTimeToken) rows: Repository<OneTimeToken>,
  ) {
    expiring.register({ rows, key: 'tokenHash', time: 'expiresAt', kept: 0 });
  }
}
