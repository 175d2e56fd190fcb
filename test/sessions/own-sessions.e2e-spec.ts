import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestApp, type TestApp } from '../support/create-test-app.js';
import { expectProblem } from '../support/expect-errors.js';
import { TokenForge } from '../support/forge-token.js';
import { requestRaw } from '../support/raw-response.js';
import {
  listSessions,
  openSession,
  refresh,
  refreshed,
  requestSessions,
  sidOf,
  type TokenAnswer,
} from '../support/sessions.js';
import { sql } from '../support/sql.js';

const DAY = 86_400;

let app: TestApp;
let users = 0;

beforeAll(async () => {
  app = await createTestApp({ ACCESS_TOKEN_EXPIRE_MINUTES: '1440' });
});
afterAll(() => app.close());

async function newUser(): Promise<string> {
  const username = `user${++users}`;
  await app.createUser({ username });
  return username;
}

/** Logs a user in several times, a second apart. */
async function openSessions(username: string, count: number): Promise<TokenAnswer[]> {
  const opened: TokenAnswer[] = [];
  while (opened.length < count) {
    app.clock.advance(1);
    opened.push(await openSession(app.url, { username }));
  }
  return opened;
}

const list = (tokens: TokenAnswer) => listSessions(app.url, tokens);
const end = (tokens: TokenAnswer, path = '') => requestSessions(app.url, tokens, 'DELETE', path);
const idsOf = async (tokens: TokenAnswer) => (await list(tokens)).map(({ id }) => id);

/** Whether each session is live: its access token and its refresh token are accepted. */
async function liveOnes(sessions: TokenAnswer[]): Promise<boolean[]> {
  return Promise.all(
    sessions.map(async ({ access_token, refresh_token }) => {
      const [profile, renewal] = [
        await app.readProfile(access_token),
        await refresh(app.url, refresh_token),
      ];
      expect([profile.status, renewal.status]).toEqual(profile.ok ? [200, 200] : [401, 400]);
      return profile.ok;
    }),
  );
}

async function expectEnded(response: Response): Promise<void> {
  expect(response.status).toBe(204);
  expect(await response.text()).toBe('');
  expect(response.headers.get('cache-control')).toBe('no-store');
}

describe('GET /users/me/sessions', () => {
  it('lists the live ones, newest first, and marks the current one', async () => {
    const username = await newUser();
    const start = app.clock.now();
    const [first, second] = await openSessions(username, 2);
    app.clock.advance(60);
    await refreshed(app.url, first!);
    const response = await requestSessions(app.url, second!);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json\b/);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();
    const shared = { user_agent: 'node', ip: '127.0.0.1' };
    // As text: the members in this order, and no others.
    expect(await response.text()).toBe(
      JSON.stringify([
        { id: sidOf(second!), created_at: at(2), last_used_at: at(2), ...shared, current: true },
        { id: sidOf(first!), created_at: at(1), last_used_at: at(62), ...shared, current: false },
      ]),
    );
    expect(at(2)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('leaves out those that were ended, and those that have expired', async () => {
    const username = await newUser();
    const [old, ended, recent] = await openSessions(username, 3);
    await end(recent!, `/${sidOf(ended!)}`);
    app.clock.advance(29 * DAY);
    const renewed = await refreshed(app.url, recent!);
    expect(await idsOf(renewed)).toEqual([sidOf(recent!), sidOf(old!)]);
    app.clock.advance(2 * DAY);
    const fresh = await openSession(app.url, { username });
    expect(await idsOf(fresh)).toEqual([sidOf(fresh), sidOf(recent!)]);
  });

  it("has no other user's", async () => {
    const [mine] = await openSessions(await newUser(), 1);
    await openSessions(await newUser(), 2);
    expect(await idsOf(mine!)).toEqual([sidOf(mine!)]);
  });

  it('marks none as current for a token from before there were sessions', async () => {
    const username = await newUser();
    const [opened] = await openSessions(username, 1);
    const claims = { sub: username, sid: undefined };
    const access_token = new TokenForge(app, String(users)).make({ claims });
    expect(await (await requestSessions(app.url, { access_token })).json()).toMatchObject([
      { id: sidOf(opened!), current: false },
    ]);
  });

  it('answers with a slash at the end too', async () => {
    const [opened] = await openSessions(await newUser(), 1);
    expect((await requestSessions(app.url, opened!, 'GET', '/')).status).toBe(200);
  });

  it.each([
    ['GET', '', 401],
    ['DELETE', '', 401],
    ['DELETE', '/AAAAAAAAAAAAAAAAAAAAAA', 401],
    ['POST', '', 405],
    ['GET', '/AAAAAAAAAAAAAAAAAAAAAA', 405],
  ])('answers %s %j without a token with %d', async (method, path, status) => {
    const response = await fetch(`${app.url}/users/me/sessions${path}`, { method });
    expect(response.status).toBe(status);
    if (status === 401) expect(response.headers.get('www-authenticate')).toBe('Bearer');
    else expect(response.headers.get('allow')).toBe(path === '' ? 'GET, HEAD, DELETE' : 'DELETE');
  });
});

describe('DELETE /users/me/sessions/{id}', () => {
  it('ends that session, and no other', async () => {
    const opened = await openSessions(await newUser(), 3);
    await expectEnded(await end(opened[0]!, `/${sidOf(opened[1]!)}`));
    expect(await liveOnes(opened)).toEqual([true, false, true]);
  });

  it('ends the current one', async () => {
    const opened = await openSessions(await newUser(), 2);
    await expectEnded(await end(opened[0]!, `/${sidOf(opened[0]!)}`));
    expect(await liveOnes(opened)).toEqual([false, true]);
  });

  it("answers the same for another user's, for one that is over, and for an invalid id", async () => {
    const [mine, ended] = await openSessions(await newUser(), 2);
    const [theirs] = await openSessions(await newUser(), 1);
    await expectEnded(await end(mine!, `/${sidOf(ended!)}`));
    const ids = [
      sidOf(theirs!),
      sidOf(ended!),
      'A'.repeat(22),
      'x',
      '%00',
      `${sidOf(mine!)}%00`,
      `${sidOf(mine!)}%20`,
      `${sidOf(mine!)}%0A`,
      '%27%20OR%201=1',
      '%25',
      '..%2F..%2Fme',
      '%F0%9F%98%80',
      'x'.repeat(6_000),
    ];
    for (const id of ids) {
      await expectProblem(await end(mine!, `/${id}`), {
        status: 404,
        title: 'Not Found',
        code: 'session_not_found',
        detail: 'You have no such session',
      });
    }
    expect(await liveOnes([mine!, theirs!])).toEqual([true, true]);
  });

  it('treats an expired one as unknown', async () => {
    const username = await newUser();
    const [old] = await openSessions(username, 1);
    app.clock.advance(30 * DAY);
    const fresh = await openSession(app.url, { username });
    expect((await end(fresh, `/${sidOf(old!)}`)).status).toBe(404);
  });

  it('finds nothing for broken percent-encoding', async () => {
    const [mine] = await openSessions(await newUser(), 1);
    const line = `DELETE /users/me/sessions/%zz HTTP/1.1`;
    const response = await requestRaw(app, [line, `Authorization: Bearer ${mine!.access_token}`]);
    expect(response.status).toBe(404);
  });
});

describe('DELETE /users/me/sessions', () => {
  it.each([
    ['', [false, true, false]],
    ['?current=false', [false, true, false]],
    ['?current=true', [false, false, false]],
    [`?${'a&'.repeat(1_000)}current=true`, [false, false, false]],
  ])('with %j ends what it says, and no other user’s', async (query, live) => {
    const opened = await openSessions(await newUser(), 3);
    const [theirs] = await openSessions(await newUser(), 1);
    await expectEnded(await end(opened[1]!, query));
    expect(await liveOnes(opened)).toEqual(live);
    expect(await liveOnes([theirs!])).toEqual([true]);
  });

  it('succeeds where there is nothing to end', async () => {
    const [only] = await openSessions(await newUser(), 1);
    await expectEnded(await end(only!));
    expect(await liveOnes([only!])).toEqual([true]);
  });

  it('ends all of them for a token from before there were sessions', async () => {
    const username = await newUser();
    const opened = await openSessions(username, 2);
    const claims = { sub: username, sid: undefined };
    const access_token = new TokenForge(app, String(users)).make({ claims });
    await expectEnded(await requestSessions(app.url, { access_token }, 'DELETE'));
    expect(await liveOnes(opened)).toEqual([false, false]);
  });

  it.each([
    ['?current='],
    ['?current=1'],
    ['?current=TRUE'],
    ['?current=true&current=true'],
    ['?current[]=true'],
    [`?${'a&'.repeat(1_000)}current=maybe`],
    ['?current=%00'],
    [`?current=${'x'.repeat(4_000)}`],
  ])('with %s is refused, and ends nothing', async (query) => {
    const opened = await openSessions(await newUser(), 2);
    const response = await end(opened[0]!, query);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({
      status: 400,
      code: 'invalid_parameter',
      errors: [{ field: 'current', message: 'must be true or false' }],
    });
    expect(await liveOnes(opened)).toEqual([true, true]);
  });

  it('records the reason in the rows', async () => {
    const opened = await openSessions(await newUser(), 2);
    await end(opened[0]!);
    expect(
      await sql(app, 'SELECT revoked_reason FROM sessions WHERE id = ?', sidOf(opened[1]!)),
    ).toEqual([{ revoked_reason: 'logout' }]);
  });
});
