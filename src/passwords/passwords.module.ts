import { Global, Module } from '@nestjs/common';
import { PasswordPolicy } from './password-policy.js';
import { PwnedPasswords } from './pwned-passwords.js';

@Global()
@Module({ providers: [PasswordPolicy, PwnedPasswords], exports: [PasswordPolicy] })
export class PasswordsModule {}
