import type { Command } from 'commander';
import type { Restored } from '../backup/restore.js';
import { operator } from './operator.js';
import { printLine } from './output.js';
import { withProgress } from './progress.js';

interface BackupOptions {
  force?: boolean;
}

interface RestoreOptions extends BackupOptions {
  keepSessions?: boolean;
}

export function addBackupCommands(program: Command): void {
  program
    .command('backup <file>')
    .description('Copy the SQLite database to a file, also while the service runs')
    .option('--force', 'replace the file, if it exists')
    .action(backUpDatabase);
  program
    .command('restore <file>')
    .description('Replace the database with a backup; the service must be stopped')
    .option('--force', 'replace an existing database, which is renamed and kept')
    .option('--keep-sessions', 'keep the sessions, although those that ended since are live again')
    .action(restoreDatabase);
}

async function backUpDatabase(file: string, { force = false }: BackupOptions): Promise<void> {
  const [{ backUp }, { sqlitePath }, { Snapshot }] = await Promise.all([
    import('../backup/backup.js'),
    import('../backup/sqlite-path.js'),
    import('../backup/snapshot.js'),
  ]);
  const begin = performance.now();
  const source = Snapshot.open(sqlitePath('backup'));
  try {
    const { size, users } = await withProgress('Copying', source.pages, (onCopied) =>
      backUp(source, file, force, onCopied),
    );
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    const megabytes = (size / 1e6).toFixed(1);
    printLine(
      `Backed up ${counted(users, 'user')} to ${file}: ${megabytes} MB, checked, in ${seconds} s`,
    );
    printLine('Keep SECRET_KEY elsewhere: each is worth little to a thief without the other');
  } finally {
    source.close();
  }
}

async function restoreDatabase(
  file: string,
  { force = false, keepSessions = false }: RestoreOptions,
): Promise<void> {
  const [{ restore }, { sqlitePath, tokenLifetime }, { Snapshot }] = await Promise.all([
    import('../backup/restore.js'),
    import('../backup/sqlite-path.js'),
    import('../backup/snapshot.js'),
  ]);
  const { SystemClock } = await import('../common/clock.js');
  const database = sqlitePath('restore');
  const terms = {
    name: file,
    now: new SystemClock().now(),
    tokenLifetime: tokenLifetime(),
    mayReplace: force,
    keepsSessions: keepSessions,
    operator: operator(),
  };
  const backup = Snapshot.open(file);
  try {
    const restored = await withProgress('Copying', backup.pages, (onCopied) =>
      restore(backup, database, terms, onCopied),
    );
    printOutcome(file, database, restored, keepSessions);
  } finally {
    backup.close();
  }
}

function printOutcome(file: string, database: string, restored: Restored, keeps: boolean): void {
  const { users, kept, sessions, links, mails } = restored;
  printLine(`Restored ${counted(users, 'user')} from ${file} to ${database}`);
  if (kept !== undefined) printLine(`The previous database is now ${kept}`);
  if (keeps) {
    printLine(
      'Kept the sessions. Those that ended since the backup are live again; those that were refreshed since end at their next refresh, which the log calls refresh_reuse',
    );
  } else {
    printLine(`Ended ${counted(sessions, 'session')}: everyone has to log in again`);
  }
  printLine(
    `Dropped ${counted(links, 'link or invitation', 'links and invitations')} and ${counted(mails, 'mail')} not sent, since they may have been used and sent`,
  );
  printLine(
    'Everything else is as old as the backup: users deleted or disabled since are back, and so are passwords, scopes, secrets of clients and keys that were changed since (docs/operating.md, "Backup and restore")',
  );
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
