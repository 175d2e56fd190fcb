import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openSqlite } from '../../src/database/sqlite-driver.js';
import { PASSWORD } from '../support/create-test-app.js';
import {
  runCli,
  type ServiceProcess,
  startCliInTerminal,
  startEndlessWriter,
  startService,
} from '../support/processes.js';
import { TemporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

let template: TemporaryFolder;
let secret: string;
let folder: TemporaryFolder;
let services: ServiceProcess[];
/** A database with the user alex and the client notes, made once. */
beforeAll(async () => {
  template = new TemporaryFolder();
  const args = ['user', 'create', 'alex', '--password-stdin'];
  expect((await runCli(template, args, { input: PASSWORD })).status).toBe(0);
  const { stdout } = await runCli(template, ['client', 'create', 'notes', '--json']);
  secret = (JSON.parse(stdout) as { client_secret: string }).client_secret;
});
afterAll(() => template.remove());
beforeEach(() => {
  folder = new TemporaryFolder();
  services = [];
  copyFileSync(template.join('users.db'), folder.join('users.db'));
});
afterEach(async () => {
  await Promise.all(services.map((service) => service.end()));
  await folder.remove();
});

async function start(): Promise<ServiceProcess> {
  const service = await startService(folder);
  services.push(service);
  return service;
}

async function stop(): Promise<void> {
  await Promise.all(services.splice(0).map((service) => service.end()));
}

/** As if someone had created a user. */
function createUser(username: string): void {
  execute('users.db', `INSERT INTO users (username, disabled) VALUES ('${username}', 0)`);
}

function login(url: string, form: Record<string, string> = {}): Promise<Response> {
  const body = new URLSearchParams({ username: 'alex', password: PASSWORD, ...form });
  return fetch(`${url}/token`, { method: 'POST', body });
}

async function tokensOf(answer: Response) {
  expect(answer.status).toBe(200);
  return (await answer.json()) as { access_token: string; refresh_token: string };
}

async function refresh(url: string, token: string): Promise<Response> {
  const form = { grant_type: 'refresh_token', refresh_token: token };
  return fetch(`${url}/token`, { method: 'POST', body: new URLSearchParams(form) });
}

function query<T>(file: string, sql: string): T[] {
  const database = openSqlite(folder.join(file), { fileMustExist: true });
  try {
    return database.prepare<[], T>(sql).all();
  } finally {
    database.close();
  }
}

function execute(file: string, sql: string): void {
  const database = openSqlite(folder.join(file));
  database.exec(sql);
  database.close();
}

const backUp = (...args: string[]) => runCli(folder, ['backup', ...args]);
const restore = (...args: string[]) => runCli(folder, ['restore', ...args]);

describe('latchkey backup', () => {
  it('copies the database of a running service, including its WAL', async () => {
    const service = await start();
    await tokensOf(await login(service.url));
    expect(statSync(folder.join('users.db-wal')).size).toBeGreaterThan(0);
    const { status, stdout } = await backUp(folder.join('copy.db'));
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: expect.stringMatching(
        /^Backed up 1 user to \S+copy\.db: 0\.\d MB, checked, in \d+\.\d s\nKeep SECRET_KEY elsewhere/,
      ),
    });
    expect(query('copy.db', 'SELECT username FROM users')).toEqual([{ username: 'alex' }]);
    expect(query('copy.db', 'SELECT id FROM sessions')).toHaveLength(1);
    expect(readdirSync(folder.path).filter((name) => name.includes('copy'))).toEqual(['copy.db']);
    expect(statSync(folder.join('copy.db')).mode & 0o777).toBe(0o600);
    expect((await login(service.url)).status).toBe(200);
  });

  it('finishes while another process writes without a pause, and contains all that was there', async () => {
    execute(
      'users.db',
      `CREATE TABLE ballast (content BLOB);
       WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
       INSERT INTO ballast SELECT randomblob(2000) FROM n`,
    );
    const writer = await startEndlessWriter(folder);
    const acknowledged: string[] = [];
    writer.stdout.on('data', (text) => acknowledged.push(...String(text).trim().split('\n')));
    await until(() => acknowledged.length > 20);
    const before = [...acknowledged];
    const { status, stderr } = await backUp('copy.db');
    const meanwhile = acknowledged.length - before.length;
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(meanwhile).toBeGreaterThan(20);
    const names = query<{ username: string }>('copy.db', 'SELECT username FROM users');
    const copied = new Set(names.map(({ username }) => username));
    expect(before.filter((name) => !copied.has(name))).toEqual([]);
  });

  it('leaves an existing file alone, unless it is forced', async () => {
    writeFileSync(folder.join('copy.db'), 'precious');
    expect(await backUp('copy.db')).toEqual({
      status: 1,
      stdout: '',
      stderr: 'copy.db already exists: --force replaces it\n',
    });
    expect(readFileSync(folder.join('copy.db'), 'utf8')).toBe('precious');
    expect((await backUp('copy.db', '--force')).status).toBe(0);
    expect(query('copy.db', 'SELECT id FROM users')).toHaveLength(1);
    expect((await backUp('users.db', '--force')).stderr).toBe('users.db is the database itself\n');
  });

  it('leaves no file and no migration behind when it fails', async () => {
    rmSync(folder.join('users.db'));
    execute('users.db', 'CREATE TABLE users (id integer PRIMARY KEY)');
    const { status, stderr } = await backUp('copy.db');
    expect(status).toBe(1);
    expect(stderr).toMatch(/^The copy is no database of latchkey's/);
    expect(readdirSync(folder.path)).toEqual(['users.db']);
    expect(
      (await runCli(folder, ['backup', 'x'], { DATABASE_URL: 'sqlite:///no.db' })).stderr,
    ).toBe('There is no no.db\n');
    expect(readdirSync(folder.path)).toEqual(['users.db']);
  });

  it('refuses to copy a damaged database', async () => {
    damage('users.db');
    const { status, stderr } = await backUp('copy.db');
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/damaged/) });
    expect(existsSync(folder.join('copy.db'))).toBe(false);
  });

  it("names PostgreSQL's own program, and no password", async () => {
    const DATABASE_URL = 'postgresql://me:geheim@db.example:5433/auth';
    const backup = await runCli(folder, ['backup', 'x'], { DATABASE_URL });
    expect(backup.status).toBe(1);
    expect(backup.stderr).toContain(
      'pg_dump --format=custom --file=FILE --host=db.example --port=5433 --username=me --dbname=auth\n',
    );
    const { stderr } = await runCli(folder, ['restore', 'x'], { DATABASE_URL });
    expect(stderr).toContain('pg_restore --clean');
    expect(backup.stderr + stderr).not.toContain('geheim');
  });

  it('shows its progress in a terminal', async () => {
    const child = await startCliInTerminal(folder, ['backup', 'copy.db']);
    let screen = '';
    child.stdout.on('data', (text) => (screen += String(text)));
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(screen).toMatch(/Copying .*100 %/);
    expect(screen).toContain('Backed up 1 user to copy.db');
  });
});

describe('latchkey restore', () => {
  it('refuses a database that a running service has open, forced or not', async () => {
    const { url } = await start();
    await backUp('copy.db');
    createUser('kim');
    for (const options of [[], ['--force']]) {
      const { status, stderr } = await restore('copy.db', ...options);
      expect(status).toBe(1);
      expect(stderr).toMatch(/users\.db is in use: stop every process of latchkey's first\n$/);
    }
    expect((await login(url)).status).toBe(200);
    expect(query('users.db', 'SELECT id FROM users')).toHaveLength(2);
  });

  it('refuses to replace an existing one, unless it is forced; then the old one is kept', async () => {
    await backUp('copy.db');
    createUser('kim');
    const refused = await restore('copy.db');
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/users\.db already exists: --force renames it/);
    const { status, stdout } = await restore('copy.db', '--force');
    expect(status).toBe(0);
    expect(stdout).toContain('Restored 1 user from copy.db');
    const names = readdirSync(folder.path).toSorted();
    expect(names).toEqual([
      'copy.db',
      'users.db',
      expect.stringMatching(/^users\.db\.before-\d{8}T\d{6}Z$/),
    ]);
    expect(query('users.db', 'SELECT username FROM users')).toEqual([{ username: 'alex' }]);
    expect(query(names[2]!, 'SELECT id FROM users')).toHaveLength(2);
    expect(statSync(folder.join('users.db')).mode & 0o777).toBe(0o600);
  });

  it('moves the WAL of a killed service along with the old one, and not into the new one', async () => {
    const service = await start();
    await backUp('copy.db');
    createUser('kim');
    await service.end('SIGKILL');
    expect(statSync(folder.join('users.db-wal')).size).toBeGreaterThan(0);
    expect((await restore('copy.db', '--force')).status).toBe(0);
    const kept = readdirSync(folder.path).find((name) => name.includes('before'))!;
    expect(existsSync(folder.join('users.db-wal'))).toBe(false);
    expect(query(kept, 'SELECT id FROM users')).toHaveLength(2);
    expect(query('users.db', 'SELECT id FROM users')).toHaveLength(1);
  });

  it('moves a WAL aside whose database is gone', async () => {
    const service = await start();
    await backUp('copy.db');
    createUser('kim');
    await service.end('SIGKILL');
    renameSync(folder.join('users.db'), folder.join('gone.db'));
    expect((await restore('copy.db')).status).toBe(0);
    expect(readdirSync(folder.path)).toContainEqual(
      expect.stringMatching(/^users\.db\.before-.*-wal$/),
    );
    expect(query('users.db', 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    expect(query('users.db', 'SELECT id FROM users')).toHaveLength(1);
  });

  it('replaces one that is too damaged to be read', async () => {
    await backUp('copy.db');
    writeFileSync(folder.join('users.db'), 'nothing of SQLite’s'.repeat(100));
    expect((await restore('copy.db', '--force')).status).toBe(0);
    expect(query('users.db', 'SELECT id FROM users')).toHaveLength(1);
  });

  it.each<[string, (file: string) => void, RegExp]>([
    ['not there', (file) => rmSync(folder.join(file)), /^There is no copy\.db\n$/],
    ['no database', (file) => writeFileSync(folder.join(file), 'x'.repeat(5000)), /can't be read/],
    [
      "another program's",
      (file) => execute(file, 'DROP TABLE migrations'),
      /no database of latchkey/,
    ],
    [
      'from a newer latchkey',
      (file) => execute(file, "INSERT INTO migrations (timestamp, name) VALUES (1, 'Later1')"),
      /of a newer latchkey than this one/,
    ],
    ['damaged', damage, /damaged/],
  ])('refuses a file that is %s, and leaves everything as it is', async (_, spoil, sentence) => {
    copyFileSync(folder.join('users.db'), folder.join('copy.db'));
    spoil('copy.db');
    const before = readdirSync(folder.path);
    const { status, stderr } = await restore('copy.db', '--force');
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(sentence) });
    expect(readdirSync(folder.path)).toEqual(before);
    expect(query('users.db', 'SELECT id FROM users')).toHaveLength(1);
  });

  it('ends the sessions of the backup, and lists all of them in the feed', async () => {
    const first = await start();
    const session = await tokensOf(await login(first.url));
    const ended = await tokensOf(await login(first.url));
    await backUp('copy.db');
    const form = new URLSearchParams({ token: ended.refresh_token });
    await fetch(`${first.url}/revoke`, { method: 'POST', body: form });
    const seen = await feed(first.url);
    expect(seen.revoked).toHaveLength(1);
    await stop();

    const { stdout } = await restore('copy.db', '--force');
    expect(stdout).toContain('Ended 2 sessions');
    const { url } = await start();
    for (const { refresh_token } of [session, ended]) {
      expect((await refresh(url, refresh_token)).status).toBe(400);
    }
    const headers = { Authorization: `Bearer ${session.access_token}` };
    expect((await fetch(`${url}/users/me`, { headers })).status).toBe(401);
    const news = await feed(url, seen.cursor);
    expect(news.revoked).toHaveLength(2);
    expect(Number(news.cursor)).toBeGreaterThan(Number(seen.cursor));
    // Longer than the tokens of the backup, since newer ones may have been issued after it.
    const last = Date.now() / 1000 + 15 * 60 - 60;
    for (const { exp } of news.revoked) expect(exp).toBeGreaterThan(last);
  });

  it('is in the audit trail of the restored database, with who did it', async () => {
    const { url } = await start();
    await tokensOf(await login(url));
    await stop();
    await backUp('copy.db');
    await restore('copy.db', '--force');
    const { stdout } = await runCli(folder, ['audit', 'tail', '--json', '-n', '1']);
    expect(JSON.parse(stdout)).toMatchObject({
      event: 'database_restored',
      outcome: 'success',
      actor: { kind: 'cli', name: userInfo().username },
      subject: null,
      details: { sessions: 1 },
    });
  });

  it('keeps the sessions on request, and still makes followers read the whole list', async () => {
    const first = await start();
    const kept = await tokensOf(await login(first.url));
    const ended = await tokensOf(await login(first.url));
    const form = new URLSearchParams({ token: ended.refresh_token });
    await fetch(`${first.url}/revoke`, { method: 'POST', body: form });
    const seen = await feed(first.url);
    await backUp('copy.db');
    await stop();
    const { stdout } = await restore('copy.db', '--force', '--keep-sessions');
    expect(stdout).toContain('Kept the sessions');
    const { url } = await start();
    expect((await refresh(url, kept.refresh_token)).status).toBe(200);
    expect((await feed(url, seen.cursor)).revoked).toEqual(seen.revoked);
  });

  it('drops links that may have been used, and mails that may have been sent', async () => {
    await runCli(folder, ['user', 'invite']);
    execute(
      'users.db',
      "INSERT INTO outgoing_mails (kind, attempts, created_at, due_at) VALUES ('x', 0, 1, 1)",
    );
    await backUp('copy.db');
    const { stdout } = await restore('copy.db', '--force');
    expect(stdout).toContain('Dropped 1 link or invitation and 1 mail not sent');
    expect(query('users.db', 'SELECT * FROM one_time_tokens')).toEqual([]);
    expect(query('users.db', 'SELECT * FROM outgoing_mails')).toEqual([]);
  });
});

interface Feed {
  cursor: string;
  revoked: { sid: string; exp: number }[];
}

async function feed(url: string, since = ''): Promise<Feed> {
  const headers = { Authorization: `Basic ${btoa(`notes:${secret}`)}` };
  const answer = await fetch(`${url}/revocations?since=${since}`, { headers });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Feed;
}

/** Overwrites the pages of the users' index, and leaves the first page alone. */
function damage(file: string): void {
  const [row] = query<{ rootpage: number }>(
    file,
    "SELECT rootpage FROM sqlite_schema WHERE tbl_name = 'users' AND type = 'table'",
  );
  const content = readFileSync(folder.join(file));
  const size = content.readUInt16BE(16);
  content.fill(0xff, (row!.rootpage - 1) * size, row!.rootpage * size);
  writeFileSync(folder.join(file), content);
}
