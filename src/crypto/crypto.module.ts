import { availableParallelism } from 'node:os';
import { Global, Module } from '@nestjs/common';
import { Watch } from '../common/watch.js';
import { WorkerSettings } from '../config/settings.js';
import { DerivedKeys } from './derived-keys.js';
import { HashingQueue } from './hashing-queue.js';
import { PasswordHasher } from './password-hasher.js';

@Global()
@Module({
  providers: [
    DerivedKeys,
    {
      provide: HashingQueue,
      inject: [WorkerSettings, Watch],
      useFactory: ({ count }: WorkerSettings, watch: Watch) =>
        new HashingQueue(Math.max(1, Math.floor(availableParallelism() / count)), watch),
    },
    PasswordHasher,
  ],
  exports: [DerivedKeys, HashingQueue, PasswordHasher],
})
export class CryptoModule {}
