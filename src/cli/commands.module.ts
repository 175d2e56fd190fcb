import { type DynamicModule, Module } from '@nestjs/common';
import { ProcessActor } from '../audit/process-actor.js';
import { FoundationModule } from '../foundation.module.js';
import { TransferModule } from '../transfer/transfer.module.js';
import { operator } from './operator.js';

/** What commands work on: the lower layers of the service, and what only they have a use for. */
@Module({})
export class CommandsModule {
  /** @throws ConfigError */
  static forRoot(): DynamicModule {
    const foundation = FoundationModule.forRoot(undefined, new ProcessActor('cli', operator()));
    return { module: CommandsModule, imports: [foundation, TransferModule] };
  }
}
