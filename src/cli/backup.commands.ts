import type { Command } from 'commander';
import { printLine } from './output.js';

interface BackupOptions {
  force?: boolean;
}

interface RestoreOptions extends BackupOptions {
  keepSessions?: boolean;
}

export function addBackupCommands(program: Command): void {
  program
    .command('backup <file>')
    .description('Write a verified copy of the SQLite database, also while the service runs')
    .option('--force', 'replace the file if it is there')
    .action(backUpDatabase);
  program
    .command('restore <file>')
    .description('Put a backup in the place of the SQLite database, while the service is stopped')
    .option('--force', 'replace the database that is there; it is kept beside')
    .option('--keep-sessions', 'let sessions of the backup go on, also those ended since')
    .action(restoreDatabase);
}

async function backUpDatabase(file: string, { force = false }: BackupOptions): Promise<void> {
  const source = await databaseFile('pg_dump --format=custom --file=FILE');
  const { backUp } = await import('../backup/back-up.js');
  const begin = performance.now();
  const { users, sessions, size } = await backUp(source, file, force);
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  const megabytes = (size / 1_048_576).toFixed(1);
  printLine(
    `Backed up ${users} users and ${sessions} sessions to ${file}, ${megabytes} MB in ${seconds} s`,
  );
  printLine('Keep SECRET_KEY elsewhere: the backup is of no use without it, nor safe with it');
}

async function restoreDatabase(file: string, options: RestoreOptions): Promise<void> {
  const target = await databaseFile('pg_restore --clean --if-exists FILE');
  const { restore } = await import('../backup/restore.js');
  const { force = false, keepSessions = false } = options;
  const { users, sessions, kept } = await restore(file, target, {
    isReplacing: force,
    keepsSessions: keepSessions,
    now: Date.now(),
  });
  printLine(`Restored ${users} users from ${file}`);
  if (kept !== undefined) printLine(`What was there before is ${kept}: delete it when all is well`);
  printLine(
    keepSessions
      ? `${sessions} sessions go on, also those that were ended since the backup`
      : 'All sessions were ended: everybody logs in again',
  );
  printLine(
    'Users who were deleted or disabled since the backup are back, with the passwords of then',
  );
}

/** @throws Error where there is no file of which a copy could be made */
async function databaseFile(forPostgres: string): Promise<string> {
  const { parseVariable } = await import('../config/config.module.js');
  const target = parseVariable('DATABASE_URL');
  if (target.type === 'postgres') {
    throw new Error(
      `DATABASE_URL names a PostgreSQL database. Use its own program: ${forPostgres}`,
    );
  }
  if (target.path === ':memory:') throw new Error('DATABASE_URL names a database in memory');
  return target.path;
}
