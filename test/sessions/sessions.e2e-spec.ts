import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AccountsService } from '../../src/accounts/accounts.service.js';
import { Database } from '../../src/database/database.js';
import { holdMail } from '../support/delivered-mail.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/create-test-app.js';
import { expectProblem } from '../support/expect-errors.js';
import { readToken, TokenForge } from '../support/forge-token.js';
import { requestRaw } from '../support/raw-response.js';
import { openSession, requestSessions, sidOf, type TokenAnswer } from '../support/sessions.js';
import { sql } from '../support/sql.js';

const START = Date.parse('2030-01-01T00:00:00Z');

interface SessionRow {
  id: string;
  [column: string]: unknown;
}

describe('A session', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp({ TRUSTED_PROXIES: '127.0.0.1', ACCESS_TOKEN_EXPIRE_MINUTES: '30' });
    await app.createUser();
    await app.createUser({ username: 'mary' });
    await app.createUser({ username: 'idle', disabled: true });
  });
  afterAll(() => app.close());

  const rows = () => sql<SessionRow>(app, 'SELECT * FROM sessions');
  const rowOf = async (response: Response) => {
    const sid = sidOf((await response.json()) as TokenAnswer);
    return (await rows()).find(({ id }) => id === sid);
  };
  const expectRefused = (response: Response) => {
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer error="invalid_token", error_description="The access token is invalid"',
    );
    const detail = 'Could not validate token';
    return expectProblem(response, {
      status: 401,
      title: 'Unauthorized',
      code: 'invalid_token',
      detail,
    });
  };

  it('is one row, which says when, from where and by which client it was opened', async () => {
    const before = (await rows()).length;
    const response = await app.login({}, { 'User-Agent': 'Mozilla/5.0 (tests)' });
    const { access_token } = (await response.clone().json()) as TokenAnswer;
    expect(await rows()).toHaveLength(before + 1);
    const day = 86_400_000;
    const row = await rowOf(response);
    expect(row).toEqual({
      id: expect.stringMatching(/^[\w-]{22}$/),
      user_id: 1,
      client_id: null,
      client_authenticated: 0,
      user_agent: 'Mozilla/5.0 (tests)',
      ip: '127.0.0.1',
      created_at: START,
      last_used_at: START,
      refresh_counter: 0,
      rotated_at: null,
      tokens_expire_at: START + 1_800_000,
      expires_at: START + 30 * day,
      revoked_at: null,
      revoked_reason: null,
      revoked_seq: null,
      scope: 'profile',
    });
    expect(readToken(access_token).payload).toMatchObject({
      sub: 'alex',
      uid: '1',
      sid: row?.id,
    });
  });

  it('has an id of its own at each login', async () => {
    const tokens = await Promise.all([1, 2, 3].map(() => openSession(app.url)));
    expect(new Set(tokens.map(sidOf)).size).toBe(3);
  });

  it.each([
    ['255 characters', 'x'.repeat(255), 'x'.repeat(255)],
    ['more than 255 characters', 'x'.repeat(256) + 'y', 'x'.repeat(255)],
    ['nothing', '', ''],
  ])('keeps a User-Agent of %s, cut at 255', async (_, sent, kept) => {
    const row = await rowOf(await app.login({}, { 'User-Agent': sent }));
    expect(row?.user_agent).toBe(kept);
  });

  it('keeps null where no User-Agent is sent', async () => {
    const body = new URLSearchParams({ username: 'alex', password: PASSWORD }).toString();
    const type = 'Content-Type: application/x-www-form-urlencoded';
    const lines = ['POST /token HTTP/1.1', type, `Content-Length: ${body.length}`];
    const row = await rowOf(await requestRaw(app, lines, body));
    expect(row?.user_agent).toBeNull();
  });

  it('keeps the address that a trusted proxy forwards, and nothing else', async () => {
    const known = await rowOf(await app.login({}, { 'X-Forwarded-For': '2001:db8::7' }));
    expect(known?.ip).toBe('2001:db8::7');
    const odd = await rowOf(await app.login({}, { 'X-Forwarded-For': 'x'.repeat(200) }));
    expect(odd?.ip).toBeNull();
  });

  it.each([
    ['a wrong password', { password: 'wrong horse' }],
    ['an unknown user', { username: 'nobody' }],
    ['a disabled user', { username: 'idle' }],
  ])('is not opened by %s', async (_, form) => {
    const before = (await rows()).length;
    expect((await app.login(form)).status).toBe(401);
    expect(await rows()).toHaveLength(before);
  });

  it('is read together with its user, in one query', async () => {
    const token = await app.accessToken();
    // Its look for mail each second is a query too.
    holdMail(app);
    const run = jest.spyOn(app.app.get(Database), 'run');
    try {
      expect((await app.readProfile(token)).status).toBe(200);
      expect(run).toHaveBeenCalledTimes(1);
    } finally {
      run.mockRestore();
    }
  });

  it('that is revoked has its access tokens refused at once', async () => {
    const tokens = await openSession(app.url);
    expect((await app.readProfile(tokens.access_token)).status).toBe(200);
    await requestSessions(app.url, tokens, 'DELETE', `/${sidOf(tokens)}`);
    await expectRefused(await app.readProfile(tokens.access_token));
    await expectRefused(await requestSessions(app.url, tokens));
  });

  describe('in a token made by hand', () => {
    const own = async () => sidOf(await openSession(app.url));
    const marys = async () => sidOf(await openSession(app.url, { username: 'mary' }));

    it.each([
      ['that names none, as before there were sessions', () => undefined, 200],
      ["that names the user's own", own, 200],
      ["that names another user's", marys, 401],
      ['that names an unknown one', () => 'A'.repeat(22), 401],
      ['that names an impossible one', () => "' OR 1=1 --", 401],
      ['that names an empty one', () => '', 401],
      ['that names a number', () => 1, 401],
      ['that names a list', () => ['x'], 401],
      ['that names null', () => null, 401],
    ])('%s is answered as it should be', async (_, sid, status) => {
      const token = new TokenForge(app).make({ claims: { sid: await sid() } });
      const response = await app.readProfile(token);
      expect(response.status).toBe(status);
      if (status === 401) await expectRefused(response);
    });
  });

  describe('of a user', () => {
    const accounts = () => app.app.get(AccountsService);
    const reasons = (userId: number) =>
      sql(
        app,
        'SELECT DISTINCT revoked_reason FROM sessions WHERE user_id IS NOT DISTINCT FROM ?',
        userId,
      );

    it.each([
      [
        'whose-password-changes',
        (name: string) => accounts().setPassword(name, 'another horse'),
        'password_changed',
        401,
      ],
      ['who-is-disabled', (name: string) => accounts().disable(name), 'user_disabled', 401],
      ['who-is-deleted', (name: string) => accounts().delete(name), 'user_deleted', 404],
    ])("%s ends, each of them, and no other user's", async (username, change, reason, status) => {
      await app.createUser({ username });
      const [first, second] = [
        await openSession(app.url, { username }),
        await openSession(app.url, { username }),
      ];
      const other = await openSession(app.url);
      await change(username);
      for (const { access_token } of [first, second]) {
        expect((await app.readProfile(access_token)).status).toBe(status);
      }
      const ended = (await rows()).filter(({ id }) => [first, second].map(sidOf).includes(id));
      expect(ended.map((row) => row.revoked_reason)).toEqual([reason, reason]);
      expect(ended.map((row) => row.revoked_at)).toEqual([START, START]);
      expect((await app.readProfile(other.access_token)).status).toBe(200);
      expect(await reasons(2)).toEqual([{ revoked_reason: null }]);
    });

    it('do not come back with the user', async () => {
      await app.createUser({ username: 'back' });
      const { access_token } = await openSession(app.url, { username: 'back' });
      await accounts().disable('back');
      await sql(app, `UPDATE users SET disabled = FALSE WHERE username = 'back'`);
      await expectRefused(await app.readProfile(access_token));
    });
  });
});
