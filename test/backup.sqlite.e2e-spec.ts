import { existsSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { PASSWORD } from './support/create-test-app.js';
import {
  runCli,
  type ServiceProcess,
  startEndlessWriter,
  startService,
} from './support/processes.js';
import { accessTokenFrom, logIn, readProfile } from './support/requests.js';
import { TemporaryFolder } from './support/temporary-folder.js';
import { until } from './support/until.js';

let folder: TemporaryFolder;
let service: ServiceProcess;

beforeEach(async () => {
  folder = new TemporaryFolder();
  service = await startService(folder);
  await cli('user', 'create', 'alex', '--password-stdin');
});
afterEach(async () => {
  await service.end('SIGKILL');
  await folder.remove();
});

const cli = (...args: string[]) => runCli(folder, args, { input: PASSWORD });

/** Reads one value of a database that nobody has to have open. */
function valueOf(file: string, sql: string): unknown {
  const database = new BetterSqlite3(folder.join(file), { readonly: true });
  try {
    return database.prepare(sql).pluck().get();
  } finally {
    database.close();
  }
}

describe('latchkey backup', () => {
  it('copies the database of a running service, for its owner alone, in one file', async () => {
    await logIn(service.url);
    const { status, stdout, stderr } = await cli('backup', 'copy.db');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(
      /^Backed up 1 users and 1 sessions to copy\.db, [\d.]+ MB in [\d.]+ s\n/,
    );
    expect(statSync(folder.join('copy.db')).mode & 0o777).toBe(0o600);
    expect(valueOf('copy.db', 'SELECT username FROM users')).toBe('alex');
    expect(readdirSync(folder.path).filter((name) => name.includes('copy'))).toEqual(['copy.db']);
  });

  it('comes to an end while another process writes without pause', async () => {
    const writer = await startEndlessWriter(folder);
    await until(() => Number(valueOf('users.db', 'SELECT count(*) FROM users')) > 50);
    const { status, stderr } = await cli('backup', 'copy.db');
    const after = Number(valueOf('users.db', 'SELECT count(*) FROM users'));
    await until(() => Number(valueOf('users.db', 'SELECT count(*) FROM users')) > after);
    writer.kill('SIGKILL');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(valueOf('copy.db', 'PRAGMA integrity_check')).toBe('ok');
    expect(Number(valueOf('copy.db', 'SELECT count(*) FROM users'))).toBeGreaterThan(50);
  });

  it('does not replace a file unless it is told to, and never the database', async () => {
    writeFileSync(folder.join('copy.db'), 'mine');
    const refused = await cli('backup', 'copy.db');
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('--force') });
    expect(statSync(folder.join('copy.db')).size).toBe(4);
    expect((await cli('backup', 'copy.db', '--force')).status).toBe(0);
    expect(valueOf('copy.db', 'SELECT count(*) FROM users')).toBe(1);
    const itself = await cli('backup', 'users.db', '--force');
    expect(itself).toMatchObject({ status: 1, stderr: 'users.db is the database\n' });
  });

  it('names the program for PostgreSQL, and not the password', async () => {
    const DATABASE_URL = 'postgresql://latchkey:very-secret@127.0.0.1:1/latchkey';
    const { status, stderr } = await runCli(folder, ['backup', 'copy.db'], { DATABASE_URL });
    expect(status).toBe(1);
    expect(stderr).toMatch(/pg_dump/);
    expect(stderr).not.toMatch(/very-secret/);
  });

  it('leaves nothing where a copy can not be made', async () => {
    const { status, stderr } = await cli('backup', 'no/such/folder/copy.db');
    expect(status).toBe(1);
    expect(stderr).not.toMatch(/ {4}at /);
    expect(existsSync(folder.join('no'))).toBe(false);
  });
});

describe('latchkey restore', () => {
  it('refuses while the service has the database open, and changes nothing', async () => {
    await cli('backup', 'copy.db');
    const { status, stderr } = await cli('restore', 'copy.db', '--force');
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/users\.db is in use: stop the service first/),
    });
    expect((await logIn(service.url)).status).toBe(200);
  });

  it('replaces the database only when it is told to, and keeps it beside', async () => {
    await cli('backup', 'copy.db');
    await cli('user', 'create', 'later', '--password-stdin');
    await service.end();
    expect((await cli('restore', 'copy.db')).stderr).toMatch(/--force/);
    const { status, stdout } = await cli('restore', 'copy.db', '--force');
    expect(status).toBe(0);
    const kept = /before is .*\/(users\.db\.\d{8}T\d{6}Z)/.exec(stdout)?.[1] ?? '';
    expect(valueOf(kept, 'SELECT count(*) FROM users')).toBe(2);
    expect(statSync(folder.join('users.db')).mode & 0o777).toBe(0o600);
    service = await startService(folder);
    expect((await logIn(service.url)).status).toBe(200);
    expect((await logIn(service.url, { username: 'later' })).status).toBe(401);
  });

  it('ends all sessions, and those who follow the revocations hear of it', async () => {
    const token = await accessTokenFrom(service.url);
    await cli('backup', 'copy.db');
    const before = Number(valueOf('users.db', 'SELECT value FROM revocation_counter'));
    await service.end();
    await cli('restore', 'copy.db', '--force');
    expect(valueOf('users.db', 'SELECT value FROM revocation_counter')).toBe(before + 1);
    expect(valueOf('users.db', 'SELECT revoked_seq FROM sessions')).toBe(before + 1);
    service = await startService(folder);
    expect((await readProfile(service.url, token)).status).toBe(401);
  });

  it('with --keep-sessions lets them go on', async () => {
    const token = await accessTokenFrom(service.url);
    await cli('backup', 'copy.db');
    await service.end();
    const { stdout } = await cli('restore', 'copy.db', '--force', '--keep-sessions');
    expect(stdout).toMatch(/1 sessions go on/);
    service = await startService(folder);
    expect((await readProfile(service.url, token)).status).toBe(200);
  });

  it('drops links and mails that were on their way', async () => {
    await service.end();
    const database = new BetterSqlite3(folder.join('users.db'));
    database.exec(
      `INSERT INTO one_time_tokens (token_hash, purpose, created_at, expires_at)
       VALUES ('x', 'invitation', 1, 9999999999999)`,
    );
    database.close();
    await cli('backup', 'copy.db');
    await cli('restore', 'copy.db', '--force');
    expect(valueOf('users.db', 'SELECT count(*) FROM one_time_tokens')).toBe(0);
  });

  it('puts it where nothing was', async () => {
    await cli('backup', 'copy.db');
    const DATABASE_URL = 'sqlite:///new.db';
    expect((await runCli(folder, ['restore', 'copy.db'], { DATABASE_URL })).status).toBe(0);
    expect(valueOf('new.db', 'SELECT count(*) FROM users')).toBe(1);
  });

  const refusals: [name: string, make: () => unknown, says: RegExp][] = [
    [
      'a file that is no database',
      () => writeFileSync(folder.join('copy.db'), 'x'.repeat(9999)),
      /not a database/,
    ],
    ['a file that is not there', () => undefined, /There is no copy\.db/],
    [
      'a copy that was cut short',
      async () => {
        await cli('backup', 'copy.db');
        truncateSync(folder.join('copy.db'), 3 * 4096);
      },
      /damaged|not a database|malformed/,
    ],
    [
      'the database of another program',
      () => new BetterSqlite3(folder.join('copy.db')).exec('CREATE TABLE things (id)').close(),
      /not a database of latchkey/,
    ],
    [
      'a backup of a newer latchkey',
      async () => {
        await cli('backup', 'copy.db');
        const database = new BetterSqlite3(folder.join('copy.db'));
        database.exec(`INSERT INTO migrations (timestamp, name) VALUES (9, 'FromTheFuture9')`);
        database.close();
      },
      /newer latchkey: this one does not know FromTheFuture9/,
    ],
  ];
  it.each(refusals)('refuses %s, and leaves the database as it is', async (_name, make, says) => {
    await make();
    await service.end();
    const { status, stderr } = await cli('restore', 'copy.db', '--force');
    expect(status).toBe(1);
    expect(stderr).toMatch(says);
    expect(valueOf('users.db', 'SELECT count(*) FROM users')).toBe(1);
    expect(readdirSync(folder.path).filter((name) => /part|\dZ$/.test(name))).toEqual([]);
  });
});
