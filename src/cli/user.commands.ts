import type { Command } from 'commander';
import type { AccountsService } from '../accounts/accounts.service.js';
import type { User } from '../users/user.entity.js';
import type { NewUser, UsersService } from '../users/users.service.js';
import { cell, printLine, printTable } from './output.js';
import { type PasswordOptions, readPassword } from './read-password.js';
import { withService } from './with-service.js';

type CreateOptions = PasswordOptions & Pick<NewUser, 'email' | 'fullName' | 'disabled'>;

const COLUMNS = ['id', 'username', 'email', 'full_name', 'disabled'] as const;
type Row = Record<(typeof COLUMNS)[number], string | number | boolean | null>;

export function addUserCommands(program: Command): void {
  const user = program.command('user').description('The users of the service');
  user
    .command('create <username>')
    .description('Make a user')
    .option('--email <address>')
    .option('--full-name <name>')
    .option('--disabled', 'make a user who cannot log in yet')
    .option('--password-stdin', 'read the password from standard input')
    .action(create);
  user
    .command('list')
    .description('List all users')
    .option('--json', 'as a JSON array')
    .action(list);
  user.command('show <username>').description('Show one user').action(show);
  user
    .command('set-password <username>')
    .description('Give a user another password')
    .option('--password-stdin', 'read the password from standard input')
    .action(setPassword);
  user.command('disable <username>').description('Keep a user out').action(disable);
  user.command('enable <username>').description('Let a user in again').action(enable);
  user.command('delete <username>').description('Delete a user for good').action(remove);
}

async function create(username: string, options: CreateOptions): Promise<void> {
  const { email, fullName, disabled, ...source } = options;
  const password = await readPassword(source);
  await withUsers((users) => users.create({ username, password, email, fullName, disabled }));
  printLine(`Created the user ${cell(username)}`);
}

async function list({ json = false }: { json?: boolean }): Promise<void> {
  const rows: Row[] = [];
  await withUsers(async (users) => {
    for await (const user of users.list()) rows.push(rowOf(user));
  });
  if (json) printLine(JSON.stringify(rows, null, 2));
  else printTable([COLUMNS, ...rows.map((row) => COLUMNS.map((name) => cell(row[name])))]);
}

async function show(username: string): Promise<void> {
  const row = rowOf(await withUsers((users) => users.get(username)));
  printTable(COLUMNS.map((name) => [name, cell(row[name])]));
}

async function setPassword(username: string, source: PasswordOptions): Promise<void> {
  const password = await readPassword(source);
  await withAccounts((accounts) => accounts.setPassword(username, password));
  printLine(`Set the password of ${cell(username)}`);
}

async function disable(username: string): Promise<void> {
  await withAccounts((accounts) => accounts.disable(username));
  printLine(`Disabled the user ${cell(username)}`);
}

async function enable(username: string): Promise<void> {
  await withUsers((users) => users.enable(username));
  printLine(`Enabled the user ${cell(username)}`);
}

async function remove(username: string): Promise<void> {
  await withAccounts((accounts) => accounts.delete(username));
  printLine(`Deleted the user ${cell(username)}`);
}

/** How a user is shown here: the id and the profile. */
function rowOf({
  id,
  username,
  email,
  fullName,
  disabled,
}: Pick<User, 'id' | 'username' | 'email' | 'fullName' | 'disabled'>): Row {
  return { id, username, email, full_name: fullName, disabled };
}

async function withUsers<T>(work: (users: UsersService) => Promise<T>): Promise<T> {
  return withService(async () => (await import('../users/users.service.js')).UsersService, work);
}

async function withAccounts(work: (accounts: AccountsService) => Promise<void>): Promise<void> {
  await withService(
    async () => (await import('../accounts/accounts.service.js')).AccountsService,
    work,
  );
}
