import { type DynamicModule, Module } from '@nestjs/common';
import { ProcessActor } from '../audit/process-actor.js';
import { DomainModule } from '../server/domain.module.js';
import { TransferModule } from '../transfer/transfer.module.js';
import { operator } from './operator.js';

/** What commands work with: the lower layers of the service, and what only commands need. */
@Module({})
export class CommandsModule {
  /** @throws ConfigError */
  static forRoot(): DynamicModule {
    const domain = DomainModule.forRoot(undefined, new ProcessActor('cli', operator()));
    return { module: CommandsModule, imports: [domain, TransferModule] };
  }
}
