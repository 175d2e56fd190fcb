import { Global, Module } from '@nestjs/common';
import { DerivedKeys } from './derived-keys.js';
import { HashingQueue } from './hashing-queue.js';
import { PasswordHasher } from './password-hasher.js';

@Global()
@Module({
  providers: [DerivedKeys, HashingQueue, PasswordHasher],
  exports: [DerivedKeys, PasswordHasher],
})
export class CryptoModule {}
