import { type DynamicModule, Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { AccountsModule } from '../accounts/accounts.module.js';
import { LoginModule } from '../login/login.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { type ProcessActor, SYSTEM } from '../audit/process-actor.js';
import { ClientsModule } from '../clients/clients.module.js';
import { CommonModule } from '../common/common.module.js';
import { loggerOptions } from './logger-options.js';
import { ConfigModule } from '../config/config.module.js';
import { LogSettings } from '../config/settings.js';
import { CryptoModule } from '../crypto/crypto.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { HttpModule } from '../http/http.module.js';
import { MailModule } from '../mail/mail.module.js';
import { OneTimeTokensModule } from '../one-time-tokens/one-time-tokens.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { UsersModule } from '../users/users.module.js';

/** The lower layers, shared by the service and the command line: each may use those listed before it. */
@Module({})
export class DomainModule {
  /**
   * @param actor of changes that no request asks for
   * @throws ConfigError
   */
  static async forRoot(envFile?: string, actor: ProcessActor = SYSTEM): Promise<DynamicModule> {
    return {
      module: DomainModule,
      imports: [
        LoggerModule.forRootAsync({
          inject: [LogSettings],
          useFactory: ({ level }: LogSettings) => loggerOptions(level),
        }),
        CommonModule,
        HttpModule,
        await ConfigModule.forRoot(envFile),
        DatabaseModule,
        AuditModule.forRoot(actor),
        CryptoModule,
        PasswordsModule,
        MailModule,
        UsersModule,
        TokensModule,
        SessionsModule,
        OneTimeTokensModule,
        ClientsModule,
        LoginModule,
        AccountsModule,
      ],
    };
  }
}
