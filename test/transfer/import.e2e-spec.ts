import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import { PASSWORD } from '../support/create-test-app.js';
import {
  type Finished,
  runCli,
  type ServiceProcess,
  startCli,
  startCliInTerminal,
  startService,
} from '../support/processes.js';
import { accessTokenFrom, logIn, readProfile } from '../support/requests.js';
import { sql } from '../support/sql.js';
import { TemporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

type Row = Record<string, string | number | null>;

const HASH = bcrypt.hashSync(PASSWORD, 4);
const fixture = (name: string) => resolve('test/support/imports', name);

let folder: TemporaryFolder;
beforeEach(() => void (folder = new TemporaryFolder()));
afterEach(() => folder.remove());

const cli = (...args: string[]) => runCli(folder, args);

/** Writes a file and imports it. */
function importText(name: string, text: string | Buffer, ...args: string[]): Promise<Finished> {
  writeFileSync(folder.join(name), text);
  return cli('user', 'import', name, ...args);
}

const ndjson = (...users: object[]) => users.map((user) => `${JSON.stringify(user)}\n`).join('');

const rows = () => sql<Row>(folder, 'SELECT * FROM users ORDER BY id');
const rowOf = async (username: string) => (await rows()).find((row) => row.username === username);

/** The users of a file, made up. */
const many = (count: number) =>
  ndjson(...Array.from({ length: count }, (_, i) => ({ username: `u${i}`, email: `u${i}@x.org` })));

const imported = (text: string) => ({ status: 0, stdout: `Imported ${text}\n`, stderr: '' });
const refused = (...lines: string[]) => ({
  status: 1,
  stdout: '',
  stderr: [
    ...lines,
    `Nothing was imported: ${lines.length === 1 ? '1 row is' : `${lines.length} rows are`} refused\n`,
  ].join('\n'),
});

describe('user import from elsewhere, and the next login', () => {
  let shared: TemporaryFolder;
  let service: ServiceProcess;
  beforeAll(async () => {
    shared = new TemporaryFolder();
    service = await startService(shared);
  });
  afterAll(async () => {
    await service.end();
    await shared.remove();
  });
  beforeEach(async () => {
    await folder.remove();
    folder = shared;
    await sql(folder, 'DELETE FROM sessions');
    await sql(folder, 'DELETE FROM users');
  });
  afterEach(() => void (folder = new TemporaryFolder()));

  /** Logs every user in, and checks that their hashes are ours then. */
  const expectLogins = async (...usernames: string[]) => {
    for (const username of usernames) {
      expect([
        username,
        (await logIn(service.url, { username, password: 'wrong' })).status,
      ]).toEqual([username, 401]);
      const token = await accessTokenFrom(service.url, { username });
      expect((await readProfile(service.url, token)).status).toBe(200);
      expect((await rowOf(username))?.hashed_password).toMatch(/^\$2b\$10\$/);
      expect((await logIn(service.url, { username })).status).toBe(200);
    }
  };

  it('accepts a Django dump', async () => {
    const result = await cli('user', 'import', fixture('django-dump.json'), '--from', 'django');
    expect(result.stderr).toBe('line 2: left out: is not a user but auth.group\n');
    expect(result.stdout).toBe('Imported 6 users, 0 were there already, 1 left out\n');
    expect(await rowOf('alex')).toMatchObject({
      email: 'alex@example.com',
      full_name: 'Alex Kasai',
      disabled: 0,
      email_verified_at: null,
      created_at: Date.parse('2024-03-05T09:00:00Z'),
    });
    expect(await rowOf('nobody')).toMatchObject({ hashed_password: null, email: null });
    expect(await rowOf('gone')).toMatchObject({ disabled: 1 });
    await expectLogins('alex', 'zoë', 'victor+shop@example.com', 'emma');
    expect((await logIn(service.url, { username: 'nobody' })).status).toBe(401);
  });

  it("accepts Django's table as CSV", async () => {
    const args = ['--from', 'django', '--format', 'csv'];
    expect(await cli('user', 'import', fixture('django-auth-user.csv'), ...args)).toEqual(
      imported('2 users, 0 were there already'),
    );
    expect(await rowOf('victor')).toMatchObject({
      disabled: 1,
      full_name: 'Victor "Vic"',
      email: null,
    });
    expect(await rowOf('alex')).toMatchObject({ created_at: Date.parse('2024-03-05T09:00:00.5Z') });
    await expectLogins('alex');
  });

  it.each(['supabase-users.json', 'supabase-users.csv'])(
    'accepts the users of %s',
    async (name) => {
      const result = await cli('user', 'import', fixture(name), '--from', 'supabase');
      expect(result.stdout).toBe('Imported 4 users, 0 were there already, 2 left out\n');
      expect(result.stderr).toMatch(
        /^line \d+ \(deleted@example.com\): left out: was deleted\nline \d+: left out: has no e-mail address and no user_name\n$/,
      );
      expect(await rowOf('alex@example.com')).toMatchObject({
        email: 'alex@example.com',
        full_name: 'Alex Kasai',
        email_verified_at: Date.parse('2025-06-01T10:25:00.5Z'),
      });
      expect(await rowOf('zoe')).toMatchObject({
        full_name: 'Zoë, "the" Müller',
        email_verified_at: null,
      });
      expect(await rowOf('victor@example.com')).toMatchObject({ hashed_password: null });
      expect(await rowOf('banned@example.com')).toMatchObject({ disabled: 1 });
      await expectLogins('alex@example.com', 'zoe');
    },
  );

  it('accepts the export of a Keycloak realm', async () => {
    const result = await cli(
      'user',
      'import',
      fixture('keycloak-realm.json'),
      '--from',
      'keycloak',
    );
    expect(result.stderr).toMatch(
      /^line \d+ \(service-account-shop\): left out: is the service account of a client\n$/,
    );
    expect(result.stdout).toBe('Imported 5 users, 0 were there already, 1 left out\n');
    expect(await rowOf('alex')).toMatchObject({
      full_name: 'Alex Kasai',
      created_at: 1717236030123,
    });
    expect((await rowOf('alex'))?.email_verified_at).toBeGreaterThan(0);
    expect(await rowOf('emma')).toMatchObject({ email_verified_at: null });
    expect(await rowOf('victor')).toMatchObject({ disabled: 1 });
    expect(await rowOf('fred')).toMatchObject({ hashed_password: null });
    await expectLogins('alex', 'zoe', 'emma');
    await cli('user', 'enable', 'victor');
    await expectLogins('victor');
  });

  it("accepts sqlite3's output of a tutorial backend's users", async () => {
    const john = { username: 'johndoe', email: 'johndoe@example.com', full_name: 'John Doe' };
    const alice = { username: 'alice', email: null, disabled: 1, hashed_password: HASH };
    const text = `[${JSON.stringify({ ...john, disabled: 0, hashed_password: HASH })},\n${JSON.stringify(alice)}]\n`;
    expect(await importText('users.json', text)).toEqual(imported('2 users, 0 were there already'));
    expect(await rowOf('alice')).toMatchObject({ disabled: 1, email: null });
    await expectLogins('johndoe');
  });

  it('counts a user whose hash a login has renewed as existing', async () => {
    const text = ndjson({ username: 'alex', hashed_password: HASH });
    await importText('u.ndjson', text);
    await expectLogins('alex');
    const renewed = await rowOf('alex');
    expect(await importText('u.ndjson', text)).toEqual(imported('0 users, 1 was there already'));
    expect(await rowOf('alex')).toEqual(renewed);
  });

  it('does not block the service meanwhile', async () => {
    await importText('one.ndjson', ndjson({ username: 'alex', hashed_password: HASH }));
    const progress = { isDone: false };
    const importing = importText('many.ndjson', many(20_000)).finally(() => {
      progress.isDone = true;
    });
    const statuses: number[] = [];
    // Each login writes a session.
    while (!progress.isDone) statuses.push((await logIn(service.url)).status);
    expect(await importing).toEqual(imported('20000 users, 0 were there already'));
    expect(statuses.length).toBeGreaterThan(3);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });
});

describe('user import', () => {
  it('imports every member of a user', async () => {
    const alex = {
      username: 'alex',
      email: 'Alex@Example.com',
      full_name: 'Alex Kasai',
      disabled: true,
      hashed_password: HASH,
      scopes: 'users:read users:write',
      email_verified: '2026-01-02T03:04:05Z',
      created_at: '2025-12-31T23:59:59.5+02:00',
    };
    const empty = Object.fromEntries(Object.keys(alex).map((name) => [name, null]));
    const text = ndjson(alex, { ...empty, username: 'Ａdmin', email_verified: true });
    // The name has letters of different width, and is stored as it is.
    expect(await importText('u.ndjson', text)).toEqual(imported('2 users, 0 were there already'));
    expect(await rows()).toEqual([
      {
        id: 1,
        username: 'alex',
        username_key: 'alex',
        email: 'Alex@Example.com',
        email_key: 'alex@example.com',
        full_name: 'Alex Kasai',
        disabled: 1,
        hashed_password: HASH,
        scopes: 'users:read users:write',
        email_verified_at: Date.parse('2026-01-02T03:04:05Z'),
        pending_until: null,
        created_at: Date.parse('2025-12-31T21:59:59.5Z'),
      },
      expect.objectContaining({ username_key: 'admin', email: null, disabled: 0, scopes: null }),
    ]);
    expect((await rowOf('Ａdmin'))?.email_verified_at).toBe((await rowOf('Ａdmin'))?.created_at);
  });

  it('accepts CSV with quotes, newlines in cells, empty lines and a byte order mark', async () => {
    const text = `\uFEFFusername,full_name,disabled,hashed_password\r\nalex,"Kasai, ""Alex""",t,${HASH}\r\n\r\nzoe,,,\r\nemma,Emma,0,\r\n`;
    expect(await importText('u.csv', text)).toEqual(imported('3 users, 0 were there already'));
    expect(await rowOf('alex')).toMatchObject({ full_name: 'Kasai, "Alex"', disabled: 1 });
    expect(await rowOf('zoe')).toMatchObject({
      full_name: null,
      hashed_password: null,
      disabled: 0,
    });
    const broken = 'username,full_name\nalex,Alex\nmia,"two\nlines"\nnoa,Noa,\nleo,Leo\n';
    expect(await importText('broken.csv', broken)).toEqual(
      refused(
        'line 3 (mia): full_name: must not contain control characters',
        'line 5: has 3 cells, and the header 2',
      ),
    );
  });

  it('names each refused row, and writes nothing', async () => {
    await importText('there.ndjson', ndjson({ username: 'Zoë', email: 'zoe@example.com' }));
    const before = await rows();
    const text = ndjson(
      { username: 'alex', email: 'alex@example.com' },
      { username: 'alex kasai', email: 'nowhere', colour: 'red', id: 1 },
      { username: 'mia', hashed_password: 'md5$salt$5f4dcc3b5aa765d61d8327deb882cf99' },
      { username: 'mia2', disabled: 'perhaps', created_at: 'yesterday', email_verified: 7 },
      { username: 'ＡLEX' },
      { username: 'other', email: 'ALEX@example.com' },
      { username: 'zoë', email: 'zoe@example.com' },
      { username: 'zoe', email: 'ZOE@example.com' },
      { username: 'Zoë', email: 'another@example.com' },
      { username: 'leo', scopes: 'two  blanks' },
      { email: 'x@example.com' },
      { username: ['array'] },
      { username: 'client:shop' },
      { username: 'new\nline\u001b[31m' },
      { username: 'noa', hashed_password: '' },
      { username: 'nul', full_name: 'a\0b' },
    );
    const more = `{"username":"x"\n[]\n\n   \n"text"\n{"username":"p","__proto__":{"disabled":true}}`;
    expect(await importText('u.ndjson', text + more)).toEqual(
      refused(
        'line 2 (alex kasai): username: must have letters, digits and the characters . _ - @ + only; email: must be an address such as alex@example.com; colour: unknown field; id: unknown field',
        'line 3 (mia): hashed_password: is not a hash of a kind that can be verified',
        'line 4 (mia2): disabled: must be true or false; email_verified: must be true, false or the time since when; created_at: must be a time such as 2026-01-31T12:00:00Z',
        'line 5 (ＡLEX): username: is the same as in line 1',
        'line 6 (other): email: is the same as in line 1',
        'line 7 (zoë): username: is that of another user',
        'line 8 (zoe): email: is the same as in line 7',
        'line 9 (Zoë): username: is the same as in line 7',
        'line 10 (leo): scopes: must be words separated by single spaces',
        'line 11 (x@example.com): username: is required',
        'line 12: username: must be of type string',
        'line 13 (client:shop): username: must not begin with client:',
        'line 14 (new\uFFFDline\uFFFD[31m): username: must have letters, digits and the characters . _ - @ + only',
        'line 15 (noa): hashed_password: is not a hash of a kind that can be verified',
        'line 16 (nul): full_name: must not contain control characters',
        'line 17: is not a JSON object',
        'line 18: is not a JSON object',
        'line 21: is not a JSON object',
        'line 22 (p): __proto__: unknown field',
      ),
    );
    expect(await rows()).toEqual(before);
  });

  it('accepts the scopes that could be granted, and stores them as a grant does', async () => {
    const most = Array.from({ length: 32 }, (_, i) => String(i).padEnd(64, '.')).join(' ');
    const text = ndjson(
      { username: 'alex', scopes: 'profile users:read users:read' },
      { username: 'mia', scopes: most },
    );
    expect(await importText('u.ndjson', text)).toEqual(imported('2 users, 0 were there already'));
    expect((await rows()).map(({ scopes }) => scopes)).toEqual(['users:read', most]);
    const more = ndjson(
      { username: 'leo', scopes: `${most} one-more` },
      { username: 'noa', scopes: 'x'.repeat(65) },
    );
    expect(await importText('more.ndjson', more)).toEqual(
      refused(
        'line 1 (leo): scopes: must be at most 32 scopes',
        'line 2 (noa): scopes.0: must be 1 to 64 ASCII characters without spaces, quotes and \\',
      ),
    );
  });

  it('names what conflicts in the database', async () => {
    await importText('there.ndjson', ndjson({ username: 'Zoë', email: 'zoe@example.com' }));
    await sql(
      folder,
      `INSERT INTO users (username, username_key, email, email_key, pending_until)
       VALUES ('mia', 'mia', 'mia@example.com', 'mia@example.com', 4000000000000)`,
    );
    await sql(folder, `INSERT INTO released_usernames VALUES ('leo', 4000000000000), ('noa', 1)`);
    const before = await rows();
    const text = ndjson(
      { username: 'ZOË' },
      { username: 'other', email: 'Zoe@example.com' },
      { username: 'mia', email: 'mia@example.com' },
      { username: 'Leo' },
      { username: 'noa' },
    );
    expect(await importText('u.ndjson', text)).toEqual(
      refused(
        'line 1 (ZOË): username: is that of another user',
        'line 2 (other): email: is that of another user',
        'line 3 (mia): username: is waiting for its address to be verified, by a sign-up',
        'line 4 (Leo): username: was that of a deleted user, and is not free again yet',
      ),
    );
    const another = ndjson({ username: 'Zoë', email: 'other@example.com' });
    expect(await importText('another.ndjson', another)).toEqual(
      refused('line 1 (Zoë): email: is not that of the existing user of this name'),
    );
    expect(await rows()).toEqual(before);
  });

  it('lists a hundred rows at most', async () => {
    const text = ndjson(...Array.from({ length: 150 }, () => ({ username: 'a b' })));
    const { status, stderr } = await importText('u.ndjson', text);
    const lines = stderr.trimEnd().split('\n');
    expect(status).toBe(1);
    expect(lines).toHaveLength(102);
    expect(lines[99]).toBe(
      'line 100 (a b): username: must have letters, digits and the characters . _ - @ + only',
    );
    expect(lines.slice(100)).toEqual([
      'and 50 more refused',
      'Nothing was imported: 150 rows are refused',
    ]);
  });

  it('says what it would do, and does nothing, with --dry-run', async () => {
    await importText('one.ndjson', ndjson({ username: 'a' }));
    const text = ndjson({ username: 'a' }, { username: 'b' });
    expect(await importText('two.ndjson', text, '--dry-run')).toEqual({
      status: 0,
      stdout: 'Would import 1 user, 1 was there already\n',
      stderr: '',
    });
    expect(await rows()).toHaveLength(1);
  });

  it('shows its progress in a terminal', async () => {
    writeFileSync(folder.join('u.ndjson'), many(3));
    const child = await startCliInTerminal(folder, ['user', 'import', 'u.ndjson']);
    let screen = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (screen += text));
    await once(child, 'close');
    expect(screen).toMatch(/Checking =* *100 %[^]*Writing =* *100 %[^]*Imported 3 users/);
  });

  it('finishes an import that was killed', async () => {
    const count = 30_000;
    writeFileSync(folder.join('u.ndjson'), many(count));
    await cli('user', 'list');
    const child = await startCli(folder, ['user', 'import', 'u.ndjson']);
    const gone = new Promise((resolve) => child.once('exit', resolve));
    const countRows = async () => {
      const [row] = await sql<{ n: number }>(folder, 'SELECT count(*) AS n FROM users');
      return row!.n;
    };
    await until(async () => (await countRows()) > 0);
    child.kill('SIGKILL');
    await gone;
    const done = await countRows();
    expect(done).toBeLessThan(count);
    // Whole batches, in order.
    expect(done % 250).toBe(0);
    expect(await cli('user', 'import', 'u.ndjson')).toEqual(
      imported(`${count - done} users, ${done} were there already`),
    );
    expect(await countRows()).toBe(count);
    expect((await rows()).map(({ username }) => username)).toEqual(
      Array.from({ length: count }, (_, i) => `u${i}`),
    );
  });

  it('says why it does not accept standard input, or an unknown option value', async () => {
    const twice = 'The file is read twice: standard input will not do\n';
    expect(await cli('user', 'import', '-')).toEqual({ status: 2, stdout: '', stderr: twice });
    const elsewhere = await cli('user', 'import', 'u.csv', '--from', 'elsewhere');
    expect(elsewhere).toMatchObject({ status: 2, stdout: '' });
    expect(elsewhere.stderr).toContain('Allowed choices are latchkey, django, supabase, keycloak');
  });

  it('prints no hash', async () => {
    const secret = 'pbkdf2_sha512$100$salt$c2VjcmV0IHRoaW5nIHRoYXQgbm9ib2R5IHNob3VsZCBzZWU=';
    const { stderr, stdout } = await importText(
      'u.ndjson',
      ndjson({ username: 'a', hashed_password: secret }),
    );
    expect(stderr + stdout).not.toContain('c2VjcmV0');
    expect(readFileSync(folder.join('u.ndjson'), 'utf8')).toContain('c2VjcmV0');
  });
});
