import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import { addUsers } from '../support/add-users.js';
import { PASSWORD, SECRET_KEY } from '../support/create-test-app.js';
import { forgeToken, readToken } from '../support/forge-token.js';
import { runCli, runService, type ServiceProcess, startService } from '../support/processes.js';
import { sendRaw } from '../support/raw-http.js';
import { accessTokenFrom, logIn, readProfile } from '../support/requests.js';
import { withoutUsersTable } from '../support/sql.js';
import { TemporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

type Line = Record<string, unknown>;

const HASH = bcrypt.hashSync(PASSWORD, 10);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Controls, formats with the bidirectional ones, separators, surrogates; escaped or not. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

let folder: TemporaryFolder;
let service: ServiceProcess;
beforeAll(async () => {
  folder = new TemporaryFolder();
  await addUsers(folder, [
    { username: 'alex', hashed_password: HASH },
    { username: 'victor', hashed_password: HASH, disabled: true },
    { username: 'nohash' },
    { username: 'weak', hashed_password: bcrypt.hashSync(PASSWORD, 4) },
    { username: 'locked', hashed_password: HASH },
  ]);
  service = await startService(folder, { LOG_LEVEL: 'trace' });
});
afterAll(async () => {
  await service.end();
  await folder.remove();
});

/** The lines logged for this work, including that of its last request. */
async function logOf(work: () => Promise<Response>): Promise<Line[]> {
  const before = service.lines.length;
  const id = (await work()).headers.get('X-Request-Id');
  const ended = ({ msg, request_id }: Line) => msg === 'request' && request_id === id;
  return until(() => {
    const lines = service.log.slice(before);
    return lines.some(ended) && lines;
  });
}

const eventsIn = (lines: Line[]) => lines.filter(({ event }) => event !== undefined);
const eventsOf = async (work: () => Promise<Response>) => eventsIn(await logOf(work));
const get = (path: string, init: RequestInit = {}) => fetch(`${service.url}${path}`, init);
const port = () => Number(new URL(service.url).port);

/** The same token, but from long ago. */
function expired(token: string): string {
  const { header, payload } = readToken(token);
  return forgeToken(header, { ...payload, iat: 1, exp: 2 }, SECRET_KEY);
}

function* stringsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      yield name;
      yield* stringsIn(inner);
    }
  }
}

describe('the line of a request', () => {
  it.each<[string, string, RequestInit, Line]>([
    ['a profile without a token', '/users/me', {}, { route: '/users/me', status: 401 }],
    ['a probe', '/health/live', {}, { route: '/health/live', status: 200 }],
    ['HEAD', '/health/live', { method: 'HEAD' }, { method: 'HEAD', status: 200 }],
    ['an unknown path', '/nowhere', {}, { route: 'unmatched', status: 404 }],
    ['a wrong method', '/token', {}, { method: 'GET', status: 405 }],
    ['a bad form', '/token', { method: 'POST' }, { method: 'POST', route: '/token', status: 400 }],
    ['the docs', '/docs', {}, { status: 200 }],
  ])('of %s has id, method, route, status and ms', async (_, path, init, expected) => {
    const lines = await logOf(() => get(path, init));
    const [request, ...others] = lines.filter(({ msg }) => msg === 'request');
    expect(others).toEqual([]);
    expect(request).toMatchObject({ method: 'GET', level: 30, ...expected });
    expect(request).toEqual({
      level: 30,
      time: expect.any(Number),
      request_id: expect.stringMatching(UUID),
      method: expect.any(String),
      route: expect.any(String),
      status: expect.any(Number),
      ms: expect.any(Number),
      msg: 'request',
    });
  });

  it('has the id that the answer has', async () => {
    const response = await get('/nowhere');
    const id = response.headers.get('X-Request-Id');
    expect(await response.json()).toMatchObject({ request_id: id });
    await until(() => service.log.some(({ request_id }) => request_id === id));
  });

  it('accepts no id from the client', async () => {
    const headers = { 'X-Request-Id': 'mine' };
    const lines = await logOf(() => get('/health/live', { headers }));
    expect(JSON.stringify(lines)).not.toContain('mine');
  });
});

describe('a login', () => {
  it.each([
    ['that succeeds', { username: 'alex' }, { event: 'login_succeeded' }],
    [
      'with a wrong password',
      { username: 'alex', password: 'wrong' },
      { event: 'login_failed', reason: 'mismatch' },
    ],
    [
      'of an unknown user',
      { username: 'nobody' },
      { event: 'login_failed', reason: 'unknown_user' },
    ],
    ['of a disabled user', { username: 'victor' }, { event: 'login_failed', reason: 'disabled' }],
    [
      'of a user without a hash',
      { username: 'nohash' },
      { event: 'login_failed', reason: 'unreadable_hash' },
    ],
  ])('%s is an event that says who, from where and why', async (_, form, expected) => {
    const [event, ...others] = await eventsOf(() => logIn(service.url, form));
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      ...expected,
      username: form.username,
      ip: '127.0.0.1',
      context: 'security',
      request_id: expect.stringMatching(UUID),
    });
  });

  it.each([
    ['that is not a login', '', 'invalid_request'],
    ['of another grant', 'grant_type=x', 'unsupported_grant_type'],
    ['too large to read', `username=${'x'.repeat(70_000)}`, 'unreadable_body'],
  ])('%s is an event that says from where and why', async (_, body, reason) => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const send = () => fetch(`${service.url}/token`, { method: 'POST', body, headers });
    const [event, ...others] = await eventsOf(send);
    expect(others).toEqual([]);
    expect(event).toMatchObject({ event: 'login_malformed', reason, ip: '127.0.0.1' });
  });

  it('that the database does not answer is an event too', async () => {
    const logInAsAlex = () => logIn(service.url, { username: 'alex' });
    const [event] = await withoutUsersTable(folder, () => eventsOf(logInAsAlex));
    expect(event).toMatchObject({
      event: 'login_unavailable',
      reason: 'database',
      username: 'alex',
      ip: '127.0.0.1',
    });
  });

  it('that renews the hash says so too', async () => {
    const events = await eventsOf(() => logIn(service.url, { username: 'weak' }));
    expect(events.map(({ event, username }) => [event, username])).toEqual([
      ['password_rehashed', 'weak'],
      ['login_succeeded', 'weak'],
    ]);
  });
});

describe('a refused token', () => {
  const withHeader = (Authorization: string) => get('/users/me', { headers: { Authorization } });

  it.each([
    ['none', () => get('/users/me'), 'not_authenticated'],
    ['nothing after Bearer', () => withHeader('Bearer'), 'malformed'],
    ['no JWT', () => withHeader('Bearer abc'), 'header'],
  ])('%s is an event that says from where and why', async (_, work, reason) => {
    const events = await eventsOf(work);
    expect(events).toEqual([
      expect.objectContaining({ event: 'token_refused', ip: '127.0.0.1', reason }),
    ]);
    expect(events[0]).not.toHaveProperty('username');
  });

  it('of a user who is disabled, or gone, says who it was', async () => {
    const token = await accessTokenFrom(service.url, { username: 'locked' });
    await runCli(folder, ['user', 'disable', 'locked']);
    expect(await eventsOf(() => readProfile(service.url, token))).toEqual([
      expect.objectContaining({ event: 'token_refused', username: 'locked', reason: 'disabled' }),
    ]);
    await runCli(folder, ['user', 'delete', 'locked']);
    expect(await eventsOf(() => readProfile(service.url, token))).toEqual([
      expect.objectContaining({ username: 'locked', reason: 'user_not_found' }),
    ]);
  });

  it('that expired says who it was', async () => {
    const token = expired(await accessTokenFrom(service.url));
    expect(await eventsOf(() => readProfile(service.url, token))).toEqual([
      expect.objectContaining({ event: 'token_refused', username: 'alex', reason: 'expired' }),
    ]);
  });
});

describe('where a request comes from', () => {
  const forwarded = { 'X-Forwarded-For': '203.0.113.7, 198.51.100.2' };

  it('is the peer, whatever X-Forwarded-For says', async () => {
    const [event] = await eventsOf(() => get('/users/me', { headers: forwarded }));
    expect(event).toMatchObject({ ip: '127.0.0.1' });
  });

  it.each([
    ['127.0.0.1', '198.51.100.2'],
    ['127.0.0.0/8,198.51.100.0/24', '203.0.113.7'],
    ['10.0.0.0/8', '127.0.0.1'],
  ])('with TRUSTED_PROXIES=%s is %s', async (TRUSTED_PROXIES, ip) => {
    const proxied = await startService(folder, { TRUSTED_PROXIES });
    await fetch(`${proxied.url}/users/me`, { headers: forwarded });
    await proxied.end();
    expect(eventsIn(proxied.log)).toEqual([expect.objectContaining({ ip })]);
  });
});

describe('a hostile username', () => {
  it.each([
    ['newlines', 'a\nb\r\n{"level":30}'],
    ['ESC', '\u001b[2J\u001b[31m'],
    ['C1 and DEL', '\u009b31m\u007f\u0085'],
    ['bidirectional overrides', '\u202egnp.exe\u2066\u2069'],
    ['separators and zero widths', '\u2028\u2029\u200b\ufeff'],
  ])('with %s has them replaced', async (_, username) => {
    const lines = await logOf(() => logIn(service.url, { username }));
    const [event] = eventsIn(lines);
    expect(event!.username).toContain('\ufffd');
    for (const text of stringsIn(lines)) expect(text).not.toMatch(UNPRINTABLE);
  });

  it('of 60 KB stays a line under 8 KiB', async () => {
    const before = service.lines.length;
    await logOf(() => logIn(service.url, { username: '\u{1f511}'.repeat(5_000) }));
    await logOf(() => logIn(service.url, { username: 'x'.repeat(60_000) }));
    for (const line of service.lines.slice(before)) {
      expect(Buffer.byteLength(line)).toBeLessThan(8 * 1024);
    }
  });
});

describe('the whole log at LOG_LEVEL=trace', () => {
  it('has one JSON object per line, and no secret, no query and no control character', async () => {
    const secret = 'a-secret-nobody-may-read';
    const token = await accessTokenFrom(service.url);
    const hidden = [PASSWORD, encodeURIComponent(PASSWORD), HASH, token, SECRET_KEY, secret];
    await readProfile(service.url, token);
    await readProfile(service.url, `${token}x`);
    await logIn(service.url, { password: secret });
    await logIn(service.url, { client_secret: secret, scope: `"${secret}` });
    await get(`/users/me?access_token=${secret}`);
    await get(`/token?username=alex&password=${secret}`, { method: 'POST' });
    await get(`/${secret}?${secret}`);
    await get('/users/me', { headers: { Cookie: `access_token=${secret}` } });
    await get('/users/me', { headers: { Authorization: `Basic ${secret}` } });
    await get('/token', { method: 'POST', body: JSON.stringify({ password: secret }) });
    await get('/token', { method: 'POST', body: `password=${secret}&password=${secret}` });
    await get('/token', { method: 'POST', headers: { 'Content-Encoding': secret }, body: secret });
    await sendRaw(port(), `GET /users/me ${secret}\r\n\r\n`);
    await sendRaw(port(), `GET / HTTP/1.1\r\nHost: x\r\nX: ${secret.repeat(400)}\r\n\r\n`);
    // A failing database: its errors carry the statement and its parameters.
    await withoutUsersTable(folder, async () => {
      expect((await logIn(service.url, { password: secret })).status).toBe(503);
      expect((await readProfile(service.url, token)).status).toBe(503);
      expect((await get('/health/ready')).status).toBe(503);
    });
    await logOf(() => get('/health/live'));

    for (const text of hidden) expect(service.lines.join('\n')).not.toContain(text);
    expect(service.errors).toEqual([]);
    for (const line of service.log) {
      expect(line).toMatchObject({ level: expect.any(Number), msg: expect.any(String) });
      for (const text of stringsIn(line)) expect(text).not.toMatch(UNPRINTABLE);
    }
    for (const line of service.lines) expect(Buffer.byteLength(line)).toBeLessThan(8 * 1024);
  });

  it('says what failed where the answer says nothing', () => {
    expect(service.log).toContainEqual(
      expect.objectContaining({
        level: 50,
        code: 'temporarily_unavailable',
        cause: expect.objectContaining({
          message: expect.stringMatching(/no such table|relation "users" does not exist/),
        }),
      }),
    );
  });

  it('has no DSN when the database can not be reached at the start', async () => {
    const { status, stdout, stderr } = await runService(folder, {
      LOG_LEVEL: 'trace',
      DATABASE_URL: 'postgresql://someone:dsn-password@127.0.0.1:1/somewhere',
    });
    expect(status).toBe(1);
    expect(stdout + stderr).not.toMatch(/dsn-password|someone|somewhere|postgresql:/);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('is silent when configured so', async () => {
    const silent = await runCli(folder, ['user', 'list', '--json'], { LOG_LEVEL: 'trace' });
    expect(() => JSON.parse(silent.stdout) as unknown).not.toThrow();
    expect(silent.stderr).toBe('');
  });
});
