import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import { addUsers } from '../support/add-users.js';
import { PASSWORD, SECRET_KEY } from '../support/create-test-app.js';
import { runCli, type ServiceProcess, startCli, startService } from '../support/processes.js';
import { accessTokenFrom, logIn, readProfile } from '../support/requests.js';
import { sql } from '../support/sql.js';
import { TemporaryFolder } from '../support/temporary-folder.js';

let folder: TemporaryFolder;
beforeAll(() => void (folder = new TemporaryFolder()));
afterAll(() => folder.remove());

const cli = (...args: string[]) => runCli(folder, args);
const withPassword = (input: string, ...args: string[]) =>
  runCli(folder, [...args, '--password-stdin'], { input });
const createUser = (name: string, ...args: string[]) =>
  withPassword(PASSWORD, 'user', 'create', name, ...args);

const said = (stdout: string) => ({ status: 0, stdout: `${stdout}\n`, stderr: '' });
const refused = (stderr: string) => ({ status: 1, stdout: '', stderr: `${stderr}\n` });

describe('the command line, while the service runs', () => {
  let service: ServiceProcess;
  let token: string;
  beforeAll(async () => {
    service = await startService(folder);
  });
  afterAll(() => service.end());

  it('creates a user who can log in at once', async () => {
    const options = ['--email', 'alex@example.com', '--full-name', 'Alex Kasai'];
    expect(await createUser('alex', ...options)).toEqual(said('Created the user alex'));
    token = await accessTokenFrom(service.url);
    expect(await (await readProfile(service.url, token)).json()).toMatchObject({
      'user data': { email: 'alex@example.com', full_name: 'Alex Kasai', disabled: false },
    });
  });

  it('disables a user at once, and enables them again', async () => {
    expect(await cli('user', 'disable', 'alex')).toEqual(said('Disabled the user alex'));
    expect((await readProfile(service.url, token)).status).toBe(401);
    expect(await (await logIn(service.url)).json()).toMatchObject({ detail: 'Inactive user' });
    expect(await cli('user', 'enable', 'alex')).toEqual(said('Enabled the user alex'));
    // The open sessions have ended with the disabling.
    expect((await readProfile(service.url, token)).status).toBe(401);
    const fresh = await accessTokenFrom(service.url);
    expect((await readProfile(service.url, fresh)).status).toBe(200);
  });

  it('creates a user who is disabled', async () => {
    await createUser('victor', '--disabled');
    const response = await logIn(service.url, { username: 'victor' });
    expect(await response.json()).toMatchObject({ detail: 'Inactive user' });
  });

  it('changes a password at once', async () => {
    const changed = await withPassword('another password', 'user', 'set-password', 'alex');
    expect(changed).toEqual(said('Set the password of alex'));
    expect((await logIn(service.url)).status).toBe(401);
    expect((await logIn(service.url, { password: 'another password' })).status).toBe(200);
  });

  it('deletes a user at once', async () => {
    expect(await cli('user', 'delete', 'alex')).toEqual(said('Deleted the user alex'));
    expect((await readProfile(service.url, token)).status).toBe(404);
    expect((await logIn(service.url)).status).toBe(401);
  });

  it.each([
    ['one newline', `${PASSWORD}\n`, PASSWORD],
    ['one Windows newline', `${PASSWORD}\r\n`, PASSWORD],
    ['the last of two newlines', `${PASSWORD}\n\n`, `${PASSWORD}\n`],
  ])('strips %s from a password on standard input', async (title, input, password) => {
    const username = title.replaceAll(' ', '-');
    expect((await withPassword(input, 'user', 'create', username)).status).toBe(0);
    expect((await logIn(service.url, { username, password })).status).toBe(200);
  });
});

describe('user list and user show', () => {
  let other: TemporaryFolder;
  const alex = { id: 2, username: 'alex', email: 'a@example.com', full_name: 'Alex Kasai' };
  const rows = [
    { ...alex, disabled: 0, hashed_password: bcrypt.hashSync(PASSWORD, 4) },
    { id: 7, username: 'evil\u001b[31m\u202e\n', disabled: 1 },
    { id: 8, username: null, disabled: null },
  ];
  beforeAll(async () => {
    other = new TemporaryFolder();
    await addUsers(other, rows);
  });
  afterAll(() => other.remove());

  it('list as JSON: id and profile, in order, and nothing else', async () => {
    const { status, stdout } = await runCli(other, ['user', 'list', '--json']);
    expect(status).toBe(0);
    const listed = JSON.parse(stdout) as object[];
    expect(Object.keys(listed[0]!)).toEqual(['id', 'username', 'email', 'full_name', 'disabled']);
    expect(listed).toEqual([
      { ...alex, disabled: false },
      { id: 7, username: 'evil\u001b[31m\u202e\n', email: null, full_name: null, disabled: true },
      { id: 8, username: null, email: null, full_name: null, disabled: null },
    ]);
  });

  it('list an empty array where there is nobody', async () => {
    const empty = new TemporaryFolder();
    const { stdout } = await runCli(empty, ['user', 'list', '--json']);
    expect(JSON.parse(stdout)).toEqual([]);
    await empty.remove();
  });

  it('list as a table in which no name moves the cursor', async () => {
    const { stdout } = await runCli(other, ['user', 'list']);
    const [head, ...lines] = stdout.trimEnd().split('\n');
    expect(head!.split(/ +/)).toEqual(['id', 'username', 'email', 'full_name', 'disabled']);
    expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
      ['2', 'alex', 'a@example.com', 'Alex Kasai', 'false'],
      ['7', 'evil\uFFFD[31m\uFFFD\uFFFD', '-', '-', 'true'],
      ['8', '-', '-', '-', '-'],
    ]);
  });

  it('show one user', async () => {
    const { status, stdout } = await runCli(other, ['user', 'show', 'alex']);
    expect(status).toBe(0);
    expect(stdout.trimEnd().split('\n')).toEqual([
      'id         2',
      'username   alex',
      'email      a@example.com',
      'full_name  Alex Kasai',
      'disabled   false',
      'scopes     -',
    ]);
  });

  it('end quietly when their reader has seen enough', async () => {
    const crowd = new TemporaryFolder();
    await sql(
      crowd,
      `WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
      INSERT INTO users (username) SELECT 'user-' || i FROM n`,
    );
    const child = await startCli(crowd, ['user', 'list']);
    const errors: string[] = [];
    child.stderr.on('data', (text) => errors.push(String(text)));
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(errors.join('')).toBe('');
    await crowd.remove();
  });
});

describe('user create', () => {
  beforeAll(() => createUser('taken', '--email', 'taken@example.com'));

  it.each([
    ['x'.repeat(65), 'username: must have 1 to 64 characters'],
    ['a\u001b[31m', 'username: must have letters, digits and the characters . _ - @ + only'],
    ['Zoë Müller', 'username: must have letters, digits and the characters . _ - @ + only'],
    ['TAKEN', 'There is a user "TAKEN" already'],
    ['taken', 'There is a user "taken" already'],
  ])('refuses the username %j', async (username, sentence) => {
    expect(await createUser(username)).toEqual(refused(sentence));
  });

  it.each(['Zoë.Müller@example.com', '用户', '-o'])(
    'accepts the username %j as it is',
    async (username) => {
      const args = ['user', 'create', '--password-stdin', '--', username];
      expect((await runCli(folder, args, { input: PASSWORD })).status).toBe(0);
      const { stdout } = await cli('user', 'list', '--json');
      expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ username }));
    },
  );

  it.each([
    ['too short', 'p'.repeat(7), 'password: must have at least 8 characters'],
    ['one byte too long', 'p'.repeat(1025), 'password: must have at most 1024 bytes'],
    ['far too long', 'p'.repeat(100_000), 'password: must have at most 1024 bytes'],
    ['common', 'iLoveYou', 'password: is one of the most common passwords'],
    ['like the username', 'n3w-new-2026', 'password: is too close to the username'],
    ["like the service's name", 'L4tchkey', 'password: is too close to the name of the service'],
  ])('refuses a password that is %s', async (_, password, sentence) => {
    expect(await withPassword(password, 'user', 'create', 'new')).toEqual(refused(sentence));
  });

  it('accepts a password of 1024 bytes and a newline', async () => {
    const password = `${'é'.repeat(512)}\r\n`;
    expect((await withPassword(password, 'user', 'create', 'long')).status).toBe(0);
  });

  it('refuses a password that is not UTF-8', async () => {
    const child = await startCli(folder, ['user', 'create', 'new', '--password-stdin']);
    const errors: string[] = [];
    child.stderr.on('data', (text) => errors.push(String(text)));
    child.stdin.end(Buffer.from('caf\xe9 caf\xe9', 'latin1'));
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(errors.join('')).toBe('password: must be UTF-8\n');
  });

  it.each([
    [['--email', 'nowhere'], 'email: must be an address such as alex@example.com'],
    [
      ['--email', 'taken@example.com'],
      'There is a user with the e-mail address "taken@example.com" already',
    ],
    [
      ['--email', 'Taken@Example.com'],
      'There is a user with the e-mail address "Taken@Example.com" already',
    ],
    [['--full-name', 'a\u0007'], 'full_name: must not contain control characters'],
  ])('refuses %j', async (options, sentence) => {
    expect(await createUser('new', ...options)).toEqual(refused(sentence));
  });
});

describe('a command for a user who does not exist', () => {
  it.each(['grant', 'revoke'])('user %s says so', async (command) => {
    const finished = await cli('user', command, 'Nobody', 'users:read');
    expect(finished).toEqual(refused('There is no user "Nobody"'));
  });

  it.each(['show', 'disable', 'enable', 'delete'])('user %s says so', async (command) => {
    expect(await cli('user', command, 'Nobody')).toEqual(refused('There is no user "Nobody"'));
  });

  it('user set-password says so', async () => {
    const finished = await withPassword(PASSWORD, 'user', 'set-password', 'Nobody');
    expect(finished).toEqual(refused('There is no user "Nobody"'));
  });
});

describe('what the commands print', () => {
  it('contains no password, no hash and no key', async () => {
    const quiet = new TemporaryFolder();
    const run = (args: string[], input = '') => runCli(quiet, args, { input });
    const outputs = [
      await run(['user', 'create', 'alex', '--password-stdin'], PASSWORD),
      await run(['user', 'create', 'alex', '--password-stdin'], PASSWORD),
      await run(['user', 'create', 'mary', '--password-stdin'], 'hunter2'),
      await run(['user', 'set-password', 'alex', '--password-stdin'], PASSWORD),
      await run(['user', 'list', '--json']),
      await run(['user', 'list']),
      await run(['user', 'show', 'alex']),
      await run(['user', 'delete', 'alex']),
    ];
    const text = JSON.stringify(outputs);
    expect(text).toContain('Created the user alex');
    for (const secret of [PASSWORD, 'hunter2', '$2b$', SECRET_KEY]) {
      expect(text).not.toContain(secret);
    }
    await quiet.remove();
  });
});
