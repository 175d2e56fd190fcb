import { availableParallelism } from 'node:os';
import { Global, Module } from '@nestjs/common';
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
      inject: [WorkerSettings],
      useFactory: ({ count }: WorkerSettings) =>
        new HashingQueue(Math.max(1, Math.floor(availableParallelism() / count))),
    },
    PasswordHasher,
  ],
  exports: [DerivedKeys, PasswordHasher],
})
export class CryptoModule {}
