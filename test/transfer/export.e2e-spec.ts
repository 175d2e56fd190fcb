import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import { addUsers } from '../support/add-users.js';
import { PASSWORD } from '../support/create-test-app.js';
import { runCli, startCli } from '../support/processes.js';
import { sql } from '../support/sql.js';
import { TemporaryFolder } from '../support/temporary-folder.js';

const HASH = bcrypt.hashSync(PASSWORD, 4);

/** All kinds of users, and what CSV has to quote. */
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
    const other = new TemporaryFolder();
    copyFileSync(folder.join(path), other.join(path));
    const imported = await runCli(other, ['user', 'import', path]);
    expect(imported.stdout).toBe('Imported 2 users, 0 were there already\n');
    const again = await runCli(other, ['user', 'export']);
    expect(again).toEqual({ status: 0, stdout: NDJSON, stderr: 'Exported 2 users\n' });
    const all = 'SELECT * FROM users ORDER BY id';
    expect(await sql(other, all)).toEqual(await sql(folder, all));
    await other.remove();
  });

  it('overwrites no file', async () => {
    writeFileSync(folder.join('there'), 'mine');
    expect(await cli('user', 'export', 'there')).toEqual({
      status: 1,
      stdout: '',
      stderr: 'there already exists\n',
    });
    expect(readFileSync(folder.join('there'), 'utf8')).toBe('mine');
  });

  it('leaves out unconfirmed sign-ups, and users without a name', async () => {
    await addUsers(folder, [
      { username: null },
      { username: 'old' },
      { username: 'soon', pending_until: 4_000_000_000_000 },
    ]);
    const { stdout, stderr } = await cli('user', 'export');
    expect(JSON.parse(stdout)).toMatchObject({ username: 'old', created_at: null });
    expect(stderr).toBe('Exported 1 user, and left 1 without a name out\n');
  });

  it('ends when its reader has gone', async () => {
    const many = Array.from({ length: 5_000 }, (_, i) => `{"username":"user${i}"}\n`).join('');
    writeFileSync(folder.join('many.ndjson'), many);
    await cli('user', 'import', 'many.ndjson');
    const child = await startCli(folder, ['user', 'export']);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await ended).toBe(0);
  });

  it('imports 10,000 users, and only those who do not exist yet', async () => {
    const user = (i: number) => `{"username":"user${i}","email":"user${i}@example.com"}\n`;
    const text = Array.from({ length: 10_000 }, (_, i) => user(i)).join('');
    writeFileSync(
      folder.join('half.ndjson'),
      Array.from({ length: 4_990 }, (_, i) => user(i)).join(''),
    );
    writeFileSync(folder.join('all.ndjson'), text);
    await cli('user', 'import', 'half.ndjson');
    expect(await cli('user', 'import', 'all.ndjson')).toEqual({
      status: 0,
      stdout: 'Imported 5010 users, 4990 were there already\n',
      stderr: '',
    });
    expect(await sql(folder, 'SELECT count(*) AS n FROM users')).toEqual([{ n: 10_000 }]);
    const taken = '{"username":"USER7"}\n{"username":"n","full_name":"\\u0000"}\n';
    writeFileSync(folder.join('taken.ndjson'), taken);
    const { status, stderr } = await cli('user', 'import', 'taken.ndjson');
    expect(status).toBe(1);
    expect(stderr).toBe(
      'line 1 (USER7): username: is that of another user\n' +
        'line 2 (n): full_name: must not contain control characters\n' +
        'Nothing was imported: 2 rows are refused\n',
    );
  });
});
