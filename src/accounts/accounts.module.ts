import { Module } from '@nestjs/common';
import { SessionsModule } from '../sessions/sessions.module.js';
import { UsersModule } from '../users/users.module.js';
import { AccountsService } from './accounts.service.js';

@Module({
  imports: [SessionsModule, UsersModule],
  providers: [AccountsService],
  exports: [AccountsService],
})
export class AccountsModule {}
