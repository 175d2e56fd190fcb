import { type DynamicModule, Module } from '@nestjs/common';
import { FoundationModule } from '../foundation.module.js';
import { TransferModule } from '../transfer/transfer.module.js';

/** What commands work on: the lower layers of the service, and what only they have a use for. */
@Module({})
export class CommandsModule {
  /** @throws ConfigError */
  static forRoot(): DynamicModule {
    return { module: CommandsModule, imports: [FoundationModule.forRoot(), TransferModule] };
  }
}
