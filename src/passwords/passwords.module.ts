import { Global, Module } from '@nestjs/common';
import { PasswordPolicy } from './password-policy.js';

@Global()
@Module({ providers: [PasswordPolicy], exports: [PasswordPolicy] })
export class PasswordsModule {}
