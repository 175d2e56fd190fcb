import { availableParallelism } from 'node:os';
import { Global, Module } from '@nestjs/common';
import { Instrumentation } from '../common/instrumentation.js';
import { WorkerSettings } from '../config/settings.js';
import { PurposeKeys } from './purpose-keys.js';
import { HashingQueue } from './hashing-queue.js';
import { PasswordHasher } from './password-hasher.js';

@Global()
@Module({
  providers: [
    PurposeKeys,
    {
      provide: HashingQueue,
      inject: [WorkerSettings, Instrumentation],
      useFactory: ({ count }: WorkerSettings, instrumentation: Instrumentation) =>
        new HashingQueue(Math.max(1, Math.floor(availableParallelism() / count)), instrumentation),
    },
    PasswordHasher,
  ],
  exports: [PurposeKeys, HashingQueue, PasswordHasher],
})
export class CryptoModule {}
