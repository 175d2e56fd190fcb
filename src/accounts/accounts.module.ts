import { Module } from '@nestjs/common';
import { LoginModule } from '../login/login.module.js';
import { MailModule } from '../mail/mail.module.js';
import { OneTimeTokensModule } from '../one-time-tokens/one-time-tokens.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { UsersModule } from '../users/users.module.js';
import { AccountExportService } from './account-export.service.js';
import { AccountMailKinds } from './account-mail-kinds.js';
import { AccountsService } from './accounts.service.js';
import { EmailVerificationController } from './email-verification.controller.js';
import { EmailVerificationService } from './email-verification.service.js';
import { OwnAccountController } from './own-account.controller.js';
import { OwnAccountService } from './own-account.service.js';
import { PasswordResetController } from './password-reset.controller.js';
import { PasswordResetService } from './password-reset.service.js';
import { RegistrationController } from './registration.controller.js';
import { RegistrationService } from './registration.service.js';

@Module({
  imports: [MailModule, OneTimeTokensModule, SessionsModule, LoginModule, UsersModule],
  controllers: [
    RegistrationController,
    OwnAccountController,
    PasswordResetController,
    EmailVerificationController,
  ],
  providers: [
    AccountsService,
    AccountExportService,
    AccountMailKinds,
    EmailVerificationService,
    OwnAccountService,
    PasswordResetService,
    RegistrationService,
  ],
  exports: [AccountsService],
})
export class AccountsModule {}
