import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runCli } from '../support/processes.js';
import { sql } from '../support/sql.js';
import { TemporaryFolder } from '../support/temporary-folder.js';

const CREDENTIALS = /^client_id=(\S+) client_secret=([\w-]{43})\n$/;
const HOUR = 3_600_000;

let folder: TemporaryFolder;
/** The first secret of app.one. */
let first: string;
beforeAll(() => void (folder = new TemporaryFolder()));
afterAll(() => folder.remove());

const cli = (...args: string[]) => runCli(folder, ['client', ...args]);
const refused = (stderr: string) => ({ status: 1, stdout: '', stderr: `${stderr}\n` });

async function storedHashes(): Promise<string> {
  const rows = await sql(folder, 'SELECT secret_hash, previous_secret_hash FROM clients');
  return JSON.stringify(rows);
}

it('client list prints an empty array where there is none', async () => {
  expect((await cli('list', '--json')).stdout).toBe('[]\n');
});

describe('client create', () => {
  it('prints id and secret once, on one line', async () => {
    const { status, stdout, stderr } = await cli('create', 'app.one');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(CREDENTIALS.exec(stdout)?.[1]).toBe('app.one');
    first = CREDENTIALS.exec(stdout)![2]!;
    expect(await storedHashes()).not.toContain(first);
  });

  it('prints an object for a program', async () => {
    const { status, stdout } = await cli('create', 'app-json', '--json');
    expect(status).toBe(0);
    const secret: unknown = expect.stringMatching(/^[\w-]{43}$/);
    expect(JSON.parse(stdout)).toEqual({ client_id: 'app-json', client_secret: secret });
  });

  it('refuses an id that is taken, or malformed', async () => {
    expect(await cli('create', 'app.one')).toEqual(refused('There is a client "app.one" already'));
    const sentence =
      'client_id: must have 1 to 64 characters, which may be letters, digits, and . _ ~ -';
    expect(await cli('create', 'a\u001b[31m')).toEqual(refused(sentence));
  });
});

describe('client list', () => {
  const time: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

  it('lists ids and times, as JSON and as a table, and nothing secret', async () => {
    const { status, stdout } = await cli('list', '--json');
    expect(status).toBe(0);
    const clients = JSON.parse(stdout) as Record<string, string>[];
    expect(clients).toEqual([
      { client_id: 'app.one', created_at: time },
      { client_id: 'app-json', created_at: time },
    ]);
    const lines = (await cli('list')).stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
      ['client_id', 'created_at'],
      ...clients.map((client) => Object.values(client)),
    ]);
  });
});

describe('client rotate', () => {
  it('prints the new secret, and says that the old one works for a day', async () => {
    const before = Date.now();
    const { status, stdout, stderr } = await cli('rotate', 'app.one');
    expect(status).toBe(0);
    expect(CREDENTIALS.exec(stdout)?.[1]).toBe('app.one');
    expect(CREDENTIALS.exec(stdout)?.[2]).not.toBe(first);
    expectEnd(stderr, before, 24);
  });

  it('keeps the old secret for the given hours, or ends it at once', async () => {
    const before = Date.now();
    expectEnd((await cli('rotate', 'app.one', '--old-for', '720')).stderr, before, 720);
    const { stdout, stderr } = await cli('rotate', 'app.one', '--json', '--old-for', '0');
    expect(JSON.parse(stdout)).toMatchObject({ client_id: 'app.one' });
    expect(stderr).toBe('The old secret works no longer\n');
  });

  function expectEnd(stderr: string, before: number, hours: number): void {
    const [, until = ''] = /^The old secret works until (\S+)\n$/.exec(stderr) ?? [];
    expect(Date.parse(until)).toBeGreaterThanOrEqual(before + hours * HOUR);
    expect(Date.parse(until)).toBeLessThanOrEqual(Date.now() + hours * HOUR);
  }
});

describe('client delete', () => {
  it('deletes a client, and says when there is none', async () => {
    const said = { status: 0, stdout: 'Deleted the client app.one\n', stderr: '' };
    expect(await cli('delete', 'app.one')).toEqual(said);
    expect(await cli('delete', 'app.one')).toEqual(refused('There is no client "app.one"'));
  });
});

describe('a command line for clients that is not right', () => {
  it.each([
    [[], /Usage: latchkey client/],
    [['create'], /missing required argument 'id'/],
    [['create', 'app', 'a-secret'], /too many arguments/],
    [['create', 'app', '--secret', 'a-secret'], /unknown option '--secret'/],
    [['rotate', 'app', '--old-for', '721'], /Give whole hours from 0 to 720/],
    [['rotate', 'app', '--old-for', '0x10'], /Give whole hours from 0 to 720/],
  ])('%j exits 2 and says what is wrong', async (args, sentence) => {
    const { status, stdout, stderr } = await cli(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/\bat .*\.js/);
  });
});
