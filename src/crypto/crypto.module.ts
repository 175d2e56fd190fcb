import { Global, Module } from '@nestjs/common';
import { HashingQueue } from './hashing-queue.js';
import { PasswordHasher } from './password-hasher.js';

@Global()
@Module({ providers: [HashingQueue, PasswordHasher], exports: [PasswordHasher] })
export class CryptoModule {}
