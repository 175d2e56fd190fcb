import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AccountsService } from '../../src/accounts/accounts.service.js';
import { ClientsService } from '../../src/clients/clients.service.js';
import { RevocationWatch } from '../../src/oauth/revocation-watch.js';
import { createTestApp, type TestApp } from '../support/create-test-app.js';
import { endSession } from '../support/end-session.js';
import { expectOAuthError, expectOAuthHeaders } from '../support/expect-errors.js';
import { readToken } from '../support/forge-token.js';
import { basic } from '../support/oauth.js';
import { sql } from '../support/sql.js';
import { until } from '../support/until.js';

interface Feed {
  cursor: string;
  revoked: { sid: string; exp: number }[];
}

const MINUTES = 15;

describe('GET /revocations', () => {
  let app: TestApp;
  let credentials: Record<string, string>;

  beforeAll(async () => {
    app = await createTestApp();
    await app.createUser();
    const { secret } = await app.app.get(ClientsService).create('api');
    credentials = basic('api', secret);
  });
  afterAll(() => app.close());
  beforeEach(() => sql(app, 'DELETE FROM sessions'));

  const get = (query = '', headers: Record<string, string> = credentials) =>
    fetch(`${app.url}/revocations${query}`, { headers });
  const read = async (query = '') => (await (await get(query)).json()) as Feed;
  const end = (token: string, path = '?current=true') =>
    fetch(`${app.url}/users/me/sessions${path}`, {
      method: 'DELETE',
      headers: { Authorization: `Bearer ${token}` },
    });
  const sidOf = (token: string) => String(readToken(token).payload.sid);

  it('lists a session that was ended, with the time when its last token expires', async () => {
    const token = await app.accessToken();
    const before = await read();
    await end(token);
    const after = await read(`?since=${before.cursor}`);
    expect(before.revoked).toEqual([]);
    expect(after).toEqual({
      cursor: expect.not.stringMatching(`^${before.cursor}$`),
      revoked: [{ sid: sidOf(token), exp: readToken(token).payload.exp }],
    });
    expect(await read(`?since=${after.cursor}`)).toEqual({ cursor: after.cursor, revoked: [] });
  });

  it('has the expiry of the token that was issued last', async () => {
    const { refresh_token } = (await (await app.login()).json()) as { refresh_token: string };
    app.clock.advance(100);
    const form = { grant_type: 'refresh_token', refresh_token };
    const token = await app.accessToken(form);
    app.clock.advance(5);
    // Again, which returns the same refresh token, but another access token.
    const last = await app.accessToken(form);
    await end(token);
    const { revoked } = await read();
    expect(revoked).toEqual([{ sid: sidOf(last), exp: readToken(last).payload.exp }]);
  });

  it('lists each session of a user who was cut off', async () => {
    await app.createUser({ username: 'dora' });
    const tokens = [
      await app.accessToken({ username: 'dora' }),
      await app.accessToken({ username: 'dora' }),
    ];
    const { cursor } = await read();
    await app.app.get(AccountsService).delete('dora');
    const { revoked } = await read(`?since=${cursor}`);
    expect(revoked.map(({ sid }) => sid).sort()).toEqual(tokens.map(sidOf).sort());
  });

  it('forgets a session once no token of it can be valid any more', async () => {
    const { cursor } = await read();
    await end(await app.accessToken());
    app.clock.advance(MINUTES * 60 - 1);
    expect((await read()).revoked).toHaveLength(1);
    expect((await read(`?since=${cursor}`)).revoked).toHaveLength(1);
    // The token's lifetime, and the clock skew.
    app.clock.advance(1 + 5);
    expect((await read()).revoked).toEqual([]);
    expect((await read(`?since=${cursor}`)).revoked).toEqual([]);
  });

  it('only has the logouts of one token lifetime, whatever came before', async () => {
    for (let round = 0; round < 3; round++) {
      await end(await app.accessToken());
      app.clock.advance(MINUTES * 60 + 5);
    }
    await end(await app.accessToken());
    expect((await read()).revoked).toHaveLength(1);
  });

  it('returns the whole list for a cursor that was never handed out', async () => {
    await end(await app.accessToken());
    const whole = await read();
    expect(whole.revoked).toHaveLength(1);
    expect(await read('?since=9007199254740991')).toEqual(whole);
  });

  it('treats a parameter without a value as absent', async () => {
    await end(await app.accessToken());
    expect((await read('?since=&wait=')).revoked).toHaveLength(1);
  });

  it.each(['x', '-1', '1.5', '1e3', '0x1', '%00', '9007199254740992', '99999999999999999', '%201'])(
    'refuses the cursor %s',
    async (since) => {
      const answer = await get(`?since=${since}`);
      expect(await expectOAuthError(answer, 400, 'invalid_request')).toMatch(/parameter since/);
    },
  );

  it.each(['?since=1&since=2', '?since[]=1', '?since[a]=1', `?${'a&'.repeat(1_000)}since=x`])(
    'refuses the cursor of %s',
    async (query) => {
      const answer = await get(query);
      expect(await expectOAuthError(answer, 400, 'invalid_request')).toMatch(/parameter since/);
    },
  );

  it.each(['26', '-1', 'x', '2.5', '1&wait=2'])('refuses to wait %s seconds', async (wait) => {
    const answer = await get(`?since=0&wait=${wait}`);
    expect(await expectOAuthError(answer, 400, 'invalid_request')).toMatch(/parameter wait/);
  });

  it.each<[string, Record<string, string>]>([
    ['nobody', {}],
    ['a client with a wrong secret', basic('api', 'wrong')],
    ['an unknown client', basic('nobody', 'secret')],
    ['a mere label', basic('api', '')],
    ['an empty client', basic('', '')],
    ['a user', { Authorization: 'Bearer x' }],
  ])('refuses %s', async (_who, headers) => {
    const answer = await get('', headers);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
    await expectOAuthError(answer, 401, 'invalid_client');
  });

  it('does not take a secret from the query', async () => {
    const answer = await get('?client_id=api&client_secret=x', {});
    await expectOAuthError(answer, 401, 'invalid_client');
  });

  it('answers 304 to the ETag of the same list, and never lets it be stored', async () => {
    const first = await get();
    expectOAuthHeadersButETag(first);
    const etag = String(first.headers.get('etag'));
    expect(etag).toMatch(/^"[\w-]+"$/);
    for (const list of [etag, `"other", W/${etag}`, '*']) {
      const again = await get('', { ...credentials, 'If-None-Match': list });
      expect(again.status).toBe(304);
      expect(await again.text()).toBe('');
      expect(again.headers.get('etag')).toBe(etag);
      expect(again.headers.get('cache-control')).toBe('no-store');
    }
    await end(await app.accessToken());
    const changed = await get('', { ...credentials, 'If-None-Match': etag });
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).not.toBe(etag);
  });

  it('answers another method with 405', async () => {
    const answer = await fetch(`${app.url}/revocations`, { method: 'POST' });
    await expectOAuthError(answer, 405, 'invalid_request');
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
  });

  describe('with wait', () => {
    const untilWaiting = (count: number) => {
      const { waiters } = app.app.get<object, { waiters: Set<unknown> }>(RevocationWatch);
      return until(() => waiters.size === count);
    };

    it('answers at once when there is something new', async () => {
      const { cursor } = await read();
      await end(await app.accessToken());
      expect((await read(`?since=${cursor}&wait=25`)).revoked).toHaveLength(1);
    });

    it('answers at once without a cursor', async () => {
      expect(await read('?wait=25')).toEqual({ cursor: expect.any(String), revoked: [] });
    });

    it('answers as soon as a session ends', async () => {
      const token = await app.accessToken();
      const { cursor } = await read();
      const waiting = [1, 2, 3].map(() => read(`?since=${cursor}&wait=25`));
      await untilWaiting(3);
      await end(token);
      for (const { revoked } of await Promise.all(waiting)) {
        expect(revoked).toEqual([expect.objectContaining({ sid: sidOf(token) })]);
      }
    });

    it('answers with an empty list when the time is over', async () => {
      const { cursor } = await read();
      const begin = performance.now();
      expect(await read(`?since=${cursor}&wait=1`)).toEqual({ cursor, revoked: [] });
      expect(performance.now() - begin).toBeGreaterThan(950);
    });

    it('is not woken by a logout that ended nothing', async () => {
      const token = await app.accessToken();
      await end(token);
      const { cursor } = await read();
      const begin = performance.now();
      const waiting = read(`?since=${cursor}&wait=1`);
      await untilWaiting(1);
      expect(await endSession(app, sidOf(token))).toBe(false);
      expect(await waiting).toEqual({ cursor, revoked: [] });
      expect(performance.now() - begin).toBeGreaterThan(950);
    });
  });
});

/** The feed alone has an ETag. */
function expectOAuthHeadersButETag(answer: Response): void {
  const headers = new Headers(answer.headers);
  headers.delete('etag');
  expectOAuthHeaders(new Response(null, { headers }));
}
