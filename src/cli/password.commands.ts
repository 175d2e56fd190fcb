import type { Command } from 'commander';
import { parseVariable } from '../config/config.module.js';
import { HashingQueue } from '../crypto/hashing-queue.js';
import { PasswordHasher } from '../crypto/password-hasher.js';
import { PasswordPolicy } from '../passwords/password-policy.js';
import { printLine } from './output.js';
import { type PasswordOptions, readPassword } from './read-password.js';

export function addPasswordCommands(program: Command): void {
  program
    .command('password')
    .description('Passwords without a user')
    .command('hash')
    .description('Print the hash of a password')
    .option('--password-stdin', 'read the password from standard input')
    .action(async (options: PasswordOptions) => {
      const settings = { bcryptCost: parseVariable('BCRYPT_COST') };
      const password = await readPassword(options);
      await new PasswordPolicy({
        minLength: parseVariable('PASSWORD_MIN_LENGTH'),
        pwnedPasswordsUrl: null,
        appName: parseVariable('APP_NAME'),
      }).check(password, {});
      printLine(await new PasswordHasher(new HashingQueue(), settings).hash(password));
    });
}
