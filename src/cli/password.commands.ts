import type { Command } from 'commander';
import { printLine } from './output.js';
import { type PasswordOptions, readPassword } from './read-password.js';

export function addPasswordCommands(program: Command): void {
  program
    .command('password')
    .description('Passwords without a user')
    .command('hash')
    .description('Print the hash of a password')
    .option('--password-stdin', 'read the password from standard input')
    .action(printHash);
}

/** Imports what it needs here and not at the top, as `withService` does. */
async function printHash(options: PasswordOptions): Promise<void> {
  const { parseVariable } = await import('../config/config.module.js');
  const settings = { bcryptCost: parseVariable('BCRYPT_COST') };
  const password = await readPassword(options);
  const { HashingQueue } = await import('../crypto/hashing-queue.js');
  const { PasswordHasher } = await import('../crypto/password-hasher.js');
  const { PasswordPolicy } = await import('../passwords/password-policy.js');
  await new PasswordPolicy({
    minLength: parseVariable('PASSWORD_MIN_LENGTH'),
    pwnedPasswordsUrl: null,
    appName: parseVariable('APP_NAME'),
  }).check(password, {});
  printLine(await new PasswordHasher(new HashingQueue(), settings).hash(password));
}
