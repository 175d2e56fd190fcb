import { type DynamicModule, Module } from '@nestjs/common';
import { AdminModule } from '../admin/admin.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { Sweeper } from '../database/sweeper.js';
import { DomainModule } from './domain.module.js';
import { HealthModule } from '../health/health.module.js';
import { MailSendingModule } from '../mail/mail-sending.module.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { OAuthModule } from '../oauth/oauth.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { KeyKeeper } from '../tokens/key-keeper.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { TracingModule } from '../tracing/tracing.module.js';

/** The service: the modules in the order of the layers. */
@Module({})
export class AppModule {
  static forRoot(envFile?: string): DynamicModule {
    return {
      module: AppModule,
      imports: [
        DomainModule.forRoot(envFile),
        MailSendingModule,
        TokensModule,
        SessionsModule,
        AdminModule,
        AuthModule,
        OAuthModule,
        HealthModule,
        MetricsModule,
        TracingModule,
      ],
      // What works in the background, as MailSendingModule does, and not in the command line.
      providers: [KeyKeeper, Sweeper],
    };
  }
}
