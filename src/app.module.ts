import { type DynamicModule, Module } from '@nestjs/common';
import { AuthModule } from './auth/auth.module.js';
import { FoundationModule } from './foundation.module.js';
import { HealthModule } from './health/health.module.js';
import { TokensModule } from './tokens/tokens.module.js';

/** The service: the modules in the order of the layers. */
@Module({})
export class AppModule {
  static forRoot(envFile?: string): DynamicModule {
    return {
      module: AppModule,
      imports: [FoundationModule.forRoot(envFile), TokensModule, AuthModule, HealthModule],
    };
  }
}
