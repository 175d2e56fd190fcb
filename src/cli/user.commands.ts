import type { Command } from 'commander';
import type { AccountsService } from '../accounts/accounts.service.js';
import type { PasswordAttempts } from '../login/password-attempts.service.js';
import { isoTime } from '../common/iso-time.js';
import type { OneTimeTokensService } from '../one-time-tokens/one-time-tokens.service.js';
import type { User } from '../users/user.entity.js';
import type { UserScopesService } from '../users/user-scopes.service.js';
import type { NewUser, UsersService } from '../users/users.service.js';
import { cell, printLine, printNote, printSecret, printTable } from './output.js';
import { type PasswordOptions, readPassword } from './read-password.js';
import { withService } from './with-service.js';

type CreateOptions = PasswordOptions & Pick<NewUser, 'email' | 'fullName' | 'disabled'>;

const COLUMNS = ['id', 'username', 'email', 'full_name', 'disabled'] as const;
type Row = Record<(typeof COLUMNS)[number], string | number | boolean | null>;

export function addUserCommands(program: Command): void {
  const user = program.command('user').description('The users of the service');
  addAccountCommands(user);
  user
    .command('grant <username> <scope...>')
    .description('Give a user scopes, besides those they have')
    .action(grant);
  user
    .command('revoke <username> <scope...>')
    .description('Take scopes from a user, and from the tokens they have')
    .action(revoke);
  user
    .command('invite')
    .description('Print a single-use invitation to sign up, which is shown only once')
    .option('--json', 'as a JSON object')
    .action(invite);
}

function addAccountCommands(user: Command): void {
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
    .description('Set a new password for a user')
    .option('--password-stdin', 'read the password from standard input')
    .action(setPassword);
  user.command('disable <username>').description('Keep a user out').action(disable);
  user.command('enable <username>').description('Let a user in again').action(enable);
  user
    .command('unlock <username>')
    .description('Forget the wrong passwords that were counted for a name')
    .action(unlock);
  user.command('delete <username>').description('Delete a user permanently').action(remove);
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
  const user = await withUsers((users) => users.get(username));
  const row = rowOf(user);
  const { parseScope } = await import('../http/scopes.js');
  printTable([
    ...COLUMNS.map((name) => [name, cell(row[name])]),
    ['scopes', parseScope(user.scopes).map(cell).join(' ') || '-'],
  ]);
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

/** Names are counted whether they belong to a user or not. */
async function unlock(username: string): Promise<void> {
  const isForgotten = await withService<PasswordAttempts, boolean>(
    async () => (await import('../login/password-attempts.service.js')).PasswordAttempts,
    (attempts) => attempts.unlock(username),
  );
  const what = isForgotten ? 'Forgot the wrong passwords' : 'No wrong passwords were counted';
  printLine(`${what} for ${cell(username)}`);
}

async function remove(username: string): Promise<void> {
  await withAccounts((accounts) => accounts.delete(username));
  printLine(`Deleted the user ${cell(username)}`);
}

async function grant(username: string, scopes: string[]): Promise<void> {
  await withScopes((service) => service.grant(username, scopes));
  printLine(`Granted ${cell(username)} ${cell(scopes.join(' '))}`);
}

async function revoke(username: string, scopes: string[]): Promise<void> {
  const hasAdministrator = await withScopes(async (service) => {
    await service.revoke(username, scopes);
    return service.hasAdministrator();
  });
  printLine(`Took ${cell(scopes.join(' '))} from ${cell(username)}`);
  const { USERS_WRITE } = await import('../http/scopes.js');
  if (hasAdministrator || !scopes.includes(USERS_WRITE)) return;
  printNote(`Nobody who can log in has ${USERS_WRITE} now`);
}

async function invite({ json = false }: { json?: boolean }): Promise<void> {
  const { invitation, expiresAt } = await withOneTimeTokens((tokens) => tokens.invite());
  const expires_at = isoTime(expiresAt);
  const line = json
    ? JSON.stringify({ invitation, expires_at }, null, 2)
    : `invitation=${invitation} expires_at=${expires_at}`;
  printSecret(line, 'user invite');
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

async function withScopes<T>(work: (scopes: UserScopesService) => Promise<T>): Promise<T> {
  return withService(
    async () => (await import('../users/user-scopes.service.js')).UserScopesService,
    work,
  );
}

async function withOneTimeTokens<T>(work: (tokens: OneTimeTokensService) => Promise<T>) {
  return withService(
    async () =>
      (await import('../one-time-tokens/one-time-tokens.service.js')).OneTimeTokensService,
    work,
  );
}
