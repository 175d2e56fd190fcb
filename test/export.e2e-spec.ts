import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import BetterSqlite3 from 'better-sqlite3';
import { PASSWORD } from './support/create-test-app.js';
import { PostgresServer } from './support/postgres.js';
import { runCli, startCli } from './support/processes.js';
import { TemporaryFolder } from './support/temporary-folder.js';
import { makeTutorialDatabase } from './support/tutorial-database.js';

const HASH = bcrypt.hashSync(PASSWORD, 4);

/** What there can be of users, and what CSV has to quote. */
const USERS = [
  {
    username: 'alex',
    email: 'Alex@example.com',
    full_name: 'Kasai, "Alex"',
    disabled: true,
    hashed_password: HASH,
    scopes: 'users:read users:write',
    email_verified: '2026-01-02T03:04:05.000Z',
    created_at: '2025-12-31T21:59:59.500Z',
  },
  {
    username: 'zoë',
    email: null,
    full_name: null,
    disabled: false,
    hashed_password: null,
    scopes: null,
    email_verified: false,
    created_at: '2026-02-03T04:05:06.789Z',
  },
];
const NDJSON = USERS.map((user) => `${JSON.stringify(user)}\n`).join('');

let folder: TemporaryFolder;
beforeEach(() => {
  folder = new TemporaryFolder();
  writeFileSync(folder.join('users.ndjson'), NDJSON);
});
afterEach(() => folder.remove());

const cli = (...args: string[]) => runCli(folder, args);

describe('user export', () => {
  it.each(['ndjson', 'csv'])('and user import bring the same users back, as %s', async (format) => {
    await cli('user', 'import', 'users.ndjson');
    const path = `out.${format}`;
    expect(await cli('user', 'export', path, '--format', format)).toEqual({
      status: 0,
      stdout: 'Exported 2 users\n',
      stderr: '',
    });
    expect(statSync(folder.join(path)).mode & 0o777).toBe(0o600);
    const other = { DATABASE_URL: `sqlite:///${folder.join('other.db')}` };
    const imported = await runCli(folder, ['user', 'import', path], other);
    expect(imported.stdout).toBe('Imported 2 users, 0 were there already\n');
    const again = await runCli(folder, ['user', 'export'], other);
    expect(again).toEqual({ status: 0, stdout: NDJSON, stderr: 'Exported 2 users\n' });
    expect(rows('other.db')).toEqual(rows('users.db'));
  });

  it('writes over no file', async () => {
    writeFileSync(folder.join('there'), 'mine');
    expect(await cli('user', 'export', 'there')).toEqual({
      status: 1,
      stdout: '',
      stderr: 'there is there already\n',
    });
    expect(readFileSync(folder.join('there'), 'utf8')).toBe('mine');
  });

  it('leaves out who is no user yet, and who has no name', async () => {
    makeTutorialDatabase(folder.join('users.db'), [
      { id: 1, username: null },
      { id: 2, username: 'old' },
    ]);
    await cli('user', 'list');
    const database = new BetterSqlite3(folder.join('users.db'));
    database.exec("INSERT INTO users (username, pending_until) VALUES ('soon', 4000000000000)");
    database.close();
    const { stdout, stderr } = await cli('user', 'export');
    expect(JSON.parse(stdout)).toMatchObject({ username: 'old', created_at: null });
    expect(stderr).toBe('Exported 1 user, and left 1 without a name out\n');
  });

  it('ends when nobody reads any more', async () => {
    const many = Array.from({ length: 5_000 }, (_, i) => `{"username":"user${i}"}\n`).join('');
    writeFileSync(folder.join('many.ndjson'), many);
    await cli('user', 'import', 'many.ndjson');
    const child = startCli(folder, ['user', 'export']);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await ended).toBe(0);
  });
});

describe('user import and export on PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server.remove());

  it('bring the same users back', async () => {
    const from = { DATABASE_URL: await server.createDatabase('source') };
    const to = { DATABASE_URL: await server.createDatabase('target') };
    const imported = 'Imported 2 users, 0 were there already\n';
    expect((await runCli(folder, ['user', 'import', 'users.ndjson'], from)).stdout).toBe(imported);
    expect(
      (await runCli(folder, ['user', 'export', 'out.csv', '--format', 'csv'], from)).status,
    ).toBe(0);
    expect((await runCli(folder, ['user', 'import', 'out.csv'], to)).stdout).toBe(imported);
    expect((await runCli(folder, ['user', 'export'], to)).stdout).toBe(NDJSON);
    const all = 'SELECT * FROM users ORDER BY id';
    expect(await server.query('target', all)).toEqual(await server.query('source', all));
  });

  it('take 10,000 users, and only those who are not there yet', async () => {
    const target = { DATABASE_URL: await server.createDatabase('many') };
    const user = (i: number) => `{"username":"user${i}","email":"user${i}@example.com"}\n`;
    const text = Array.from({ length: 10_000 }, (_, i) => user(i)).join('');
    writeFileSync(
      folder.join('half.ndjson'),
      Array.from({ length: 4_990 }, (_, i) => user(i)).join(''),
    );
    writeFileSync(folder.join('all.ndjson'), text);
    await runCli(folder, ['user', 'import', 'half.ndjson'], target);
    expect(await runCli(folder, ['user', 'import', 'all.ndjson'], target)).toEqual({
      status: 0,
      stdout: 'Imported 5010 users, 4990 were there already\n',
      stderr: '',
    });
    expect(await server.query('many', 'SELECT count(*)::int AS n FROM users')).toEqual([
      { n: 10_000 },
    ]);
    const taken = '{"username":"USER7"}\n{"username":"n","full_name":"\\u0000"}\n';
    writeFileSync(folder.join('taken.ndjson'), taken);
    const args = ['user', 'import', 'taken.ndjson'];
    const { status, stderr } = await runCli(folder, args, target);
    expect(status).toBe(1);
    expect(stderr).toBe(
      'line 1 (USER7): username: is that of another user\n' +
        'line 2 (n): full_name: must not contain control characters\n' +
        'Nothing was imported: 2 rows are refused\n',
    );
  });
});

function rows(name: string): unknown[] {
  const database = new BetterSqlite3(folder.join(name));
  try {
    return database.prepare('SELECT * FROM users ORDER BY id').all();
  } finally {
    database.close();
  }
}
