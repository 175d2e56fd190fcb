import { type DynamicModule, Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { AuthModule } from './auth/auth.module.js';
import { CommonModule } from './common/common.module.js';
import { loggerOptions } from './common/logger-options.js';
import { ConfigModule } from './config/config.module.js';
import { LogSettings } from './config/settings.js';
import { CryptoModule } from './crypto/crypto.module.js';
import { DatabaseModule } from './database/database.module.js';
import { HealthModule } from './health/health.module.js';
import { TokensModule } from './tokens/tokens.module.js';
import { UsersModule } from './users/users.module.js';

@Module({})
export class AppModule {
  /** The modules, in the order of the layers: each may use what stands before it. */
  static forRoot(envFile?: string): DynamicModule {
    return {
      module: AppModule,
      imports: [
        LoggerModule.forRootAsync({
          inject: [LogSettings],
          useFactory: ({ level }: LogSettings) => loggerOptions(level),
        }),
        CommonModule,
        ConfigModule.forRoot(envFile),
        DatabaseModule,
        CryptoModule,
        UsersModule,
        TokensModule,
        AuthModule,
        HealthModule,
      ],
    };
  }
}
