import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { runCli } from './support/processes.js';
import { TemporaryFolder } from './support/temporary-folder.js';

const CREDENTIALS = /^client_id=(\S+) client_secret=([\w-]{43})\n$/;
const HOUR = 3_600_000;

let folder: TemporaryFolder;
beforeAll(() => void (folder = new TemporaryFolder()));
afterAll(() => folder.remove());

const cli = (...args: string[]) => runCli(folder, ['client', ...args]);
const refused = (stderr: string) => ({ status: 1, stdout: '', stderr: `${stderr}\n` });

function storedHashes(): string {
  const database = new BetterSqlite3(folder.join('users.db'));
  const rows = database.prepare('SELECT secret_hash, previous_secret_hash FROM clients').all();
  database.close();
  return JSON.stringify(rows);
}

describe('client create', () => {
  it('prints id and secret once, on one line', async () => {
    const { status, stdout, stderr } = await cli('create', 'app.one');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(CREDENTIALS.exec(stdout)?.[1]).toBe('app.one');
    expect(storedHashes()).not.toContain(CREDENTIALS.exec(stdout)![2]);
  });

  it('prints an object for a program', async () => {
    const { status, stdout } = await cli('create', 'app-json', '--json');
    expect(status).toBe(0);
    const secret: unknown = expect.stringMatching(/^[\w-]{43}$/);
    expect(JSON.parse(stdout)).toEqual({ client_id: 'app-json', client_secret: secret });
  });

  it('refuses an id that is taken, or none', async () => {
    await cli('create', 'taken');
    expect(await cli('create', 'taken')).toEqual(refused('There is a client "taken" already'));
    const sentence =
      'client_id: must have 1 to 64 characters, which may be letters, digits, and . _ ~ -';
    for (const id of ['', 'a\u001b[31m']) {
      expect(await cli('create', id)).toEqual(refused(sentence));
    }
  });
});

describe('client list', () => {
  let other: TemporaryFolder;
  beforeAll(async () => {
    other = new TemporaryFolder();
    await runCli(other, ['client', 'create', 'one']);
    await runCli(other, ['client', 'create', 'two']);
    await runCli(other, ['client', 'rotate', 'two']);
  });
  afterAll(() => other.remove());

  const time: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

  it('lists ids and times as JSON, and nothing secret', async () => {
    const { status, stdout } = await runCli(other, ['client', 'list', '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual([
      { client_id: 'one', created_at: time },
      { client_id: 'two', created_at: time },
    ]);
  });

  it('lists the same as a table', async () => {
    const { stdout } = await runCli(other, ['client', 'list']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
      ['client_id', 'created_at'],
      ['one', time],
      ['two', time],
    ]);
  });

  it('lists an empty array where there is none', async () => {
    const empty = new TemporaryFolder();
    expect((await runCli(empty, ['client', 'list', '--json'])).stdout).toBe('[]\n');
    empty.remove();
  });
});

describe('client rotate', () => {
  it.each([
    ['a day', [], 24],
    ['the hours it is told', ['--old-for', '720'], 720],
  ])('prints the new secret, and says that the old one works for %s', async (_, args, hours) => {
    const id = `rotate-${hours}`;
    const first = CREDENTIALS.exec((await cli('create', id)).stdout)![2];
    const before = Date.now();
    const { status, stdout, stderr } = await cli('rotate', id, ...args);
    expect(status).toBe(0);
    expect(CREDENTIALS.exec(stdout)?.[1]).toBe(id);
    expect(CREDENTIALS.exec(stdout)?.[2]).not.toBe(first);
    const [, until = ''] = /^The old secret works until (\S+)\n$/.exec(stderr) ?? [];
    expect(Date.parse(until)).toBeGreaterThanOrEqual(before + hours * HOUR);
    expect(Date.parse(until)).toBeLessThanOrEqual(Date.now() + hours * HOUR);
  });

  it('ends the old secret at once if told so', async () => {
    await cli('create', 'at-once');
    const { stdout, stderr } = await cli('rotate', 'at-once', '--json', '--old-for', '0');
    expect(JSON.parse(stdout)).toMatchObject({ client_id: 'at-once' });
    expect(stderr).toBe('The old secret works no longer\n');
  });
});

describe('client delete', () => {
  it('deletes a client', async () => {
    await cli('create', 'short-lived');
    const said = { status: 0, stdout: 'Deleted the client short-lived\n', stderr: '' };
    expect(await cli('delete', 'short-lived')).toEqual(said);
    expect((await cli('list')).stdout).not.toContain('short-lived');
  });
});

describe('a client that is not there', () => {
  it.each(['rotate', 'delete'])('client %s says so', async (command) => {
    expect(await cli(command, 'No:body')).toEqual(refused('There is no client "No:body"'));
  });
});

describe('a command line for clients that is not right', () => {
  it.each([
    [[], /Usage: latchkey client/],
    [['create'], /missing required argument 'id'/],
    [['create', 'app', 'a-secret'], /too many arguments/],
    [['create', 'app', '--secret', 'a-secret'], /unknown option '--secret'/],
    [['rotate'], /missing required argument 'id'/],
    [['rotate', 'app', '--old-for'], /argument missing/],
    ...['-1', '721', '1.5', '', '0x10'].map((hours): [string[], RegExp] => [
      ['rotate', 'app', '--old-for', hours],
      /Give whole hours from 0 to 720/,
    ]),
  ])('%j exits 2 and says what is wrong', async (args, sentence) => {
    const { status, stdout, stderr } = await cli(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/\bat .*\.js/);
  });
});
