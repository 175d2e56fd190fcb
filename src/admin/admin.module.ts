import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { MailModule } from '../mail/mail.module.js';
import { OneTimeTokensModule } from '../one-time-tokens/one-time-tokens.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { UsersModule } from '../users/users.module.js';
import { AdminChangesController } from './admin-changes.controller.js';
import { AdminChangesService } from './admin-changes.service.js';
import { AdminUsersController } from './admin-users.controller.js';
import { AdminUsersService } from './admin-users.service.js';
import { AdminOperation } from './admin-operation.service.js';
import { NewUsersService } from './new-users.service.js';

@Module({
  imports: [AccountsModule, MailModule, OneTimeTokensModule, SessionsModule, UsersModule],
  controllers: [AdminUsersController, AdminChangesController],
  providers: [AdminChangesService, AdminUsersService, AdminOperation, NewUsersService],
})
export class AdminModule {}
