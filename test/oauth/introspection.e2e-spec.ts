import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AccountsService } from '../../src/accounts/accounts.service.js';
import { ClientsService } from '../../src/clients/clients.service.js';
import { createTestApp, ISSUER, type TestApp } from '../support/create-test-app.js';
import { endSession } from '../support/end-session.js';
import { expectOAuthError, expectOAuthHeaders } from '../support/expect-errors.js';
import { readToken, TokenForge } from '../support/forge-token.js';
import { basic, postForm } from '../support/oauth.js';
import { openSession, refreshed, sidOf, type TokenAnswer, tokensIn } from '../support/sessions.js';
import { sql, withoutUsersTable } from '../support/sql.js';

const DAY = 86_400;
const INACTIVE = '{"active":false}';

let app: TestApp;
let forge: TokenForge;
let client: Record<string, string>;
let login: TokenAnswer;
beforeAll(async () => {
  app = await createTestApp({ AUDIENCE: 'http://api.latchkey.test', SESSION_MAX_DAYS: '40' });
  forge = new TokenForge(app);
  await app.createUser();
  await app.createUser({ username: 'mary' });
  const { id, secret } = await app.app.get(ClientsService).create('api');
  client = basic(id, secret);
});
beforeEach(async () => void (login = await openSession(app.url, { client_id: 'web' })));
afterAll(() => app.close());

const introspect = (token: string, hint: Record<string, string> = {}, by = client) =>
  postForm(app, '/introspect', { token, ...hint }, by);
const bodyOf = async (token: string) =>
  (await (await introspect(token)).json()) as Record<string, unknown>;
const isActive = async (token: string) => (await bodyOf(token)).active;
const now = () => app.clock.now() / 1000;

/** Exactly this, and nothing that reveals why. */
async function expectInactive(token: string): Promise<void> {
  const response = await introspect(token);
  expect({ status: response.status, body: await response.text() }).toEqual({
    status: 200,
    body: INACTIVE,
  });
  expectOAuthHeaders(response);
}

describe('POST /introspect returns for an access token', () => {
  it('all its claims, and its audience', async () => {
    const response = await introspect(login.access_token);
    expectOAuthHeaders(response);
    const { payload } = readToken(login.access_token);
    expect(await response.json()).toEqual({
      active: true,
      scope: 'profile',
      client_id: 'web',
      username: 'alex',
      token_type: 'Bearer',
      exp: now() + 900,
      iat: now(),
      sub: 'alex',
      aud: 'http://api.latchkey.test',
      iss: ISSUER,
      jti: payload.jti,
      sid: sidOf(login),
    });
  });

  it('no client where the login named none', async () => {
    const { access_token } = await openSession(app.url);
    expect(await bodyOf(access_token)).not.toHaveProperty('client_id');
  });

  it('the client that authenticated', async () => {
    const { access_token } = await openSession(app.url, {}, client);
    expect(await bodyOf(access_token)).toMatchObject({ active: true, client_id: 'api' });
  });

  it('no client whose id another one merely claims', async () => {
    const { access_token, refresh_token } = await openSession(app.url, { client_id: 'api' });
    for (const token of [access_token, refresh_token]) {
      const body = await bodyOf(token);
      expect(body.active).toBe(true);
      expect(body).not.toHaveProperty('client_id');
    }
  });

  it('no session where it is from before there were sessions', async () => {
    const token = forge.make({ claims: { aud: 'http://api.latchkey.test' } });
    const body = await bodyOf(token);
    expect(body).toMatchObject({ active: true, username: 'alex', scope: 'profile', sub: 'alex' });
    expect(body).not.toHaveProperty('sid');
    expect(body).not.toHaveProperty('client_id');
  });

  it('that it stays valid after a refresh', async () => {
    await refreshed(app.url, login);
    expect(await isActive(login.access_token)).toBe(true);
  });

  it('nothing once it has expired', async () => {
    app.clock.advance(904);
    expect(await isActive(login.access_token)).toBe(true);
    app.clock.advance(1);
    await expectInactive(login.access_token);
  });
});

describe('POST /introspect returns for a client’s own token', () => {
  const grant = { grant_type: 'client_credentials' };

  it('the client, and no user', async () => {
    const { access_token } = await tokensIn(await postForm(app, '/token', grant, client));
    expect(await bodyOf(access_token)).toEqual({
      active: true,
      client_id: 'api',
      token_type: 'Bearer',
      exp: now() + 900,
      iat: now(),
      sub: 'client:api',
      aud: 'http://api.latchkey.test',
      iss: ISSUER,
      jti: readToken(access_token).payload.jti,
    });
  });

  it('nothing once the client is deleted, even if another has its id then', async () => {
    const clients = app.app.get(ClientsService);
    const { id, secret } = await clients.create('short-lived');
    const { access_token } = await tokensIn(
      await postForm(app, '/token', grant, basic(id, secret)),
    );
    expect(await isActive(access_token)).toBe(true);
    await clients.delete(id);
    await expectInactive(access_token);
    app.clock.advance(60);
    await clients.create(id);
    await expectInactive(access_token);
  });
});

describe('POST /introspect returns for a refresh token', () => {
  it('all that its session contains', async () => {
    expect(await bodyOf(login.refresh_token)).toEqual({
      active: true,
      scope: 'profile',
      client_id: 'web',
      username: 'alex',
      exp: Math.floor(now() + 30 * DAY),
      iat: Math.floor(now()),
      sub: 'alex',
      aud: ISSUER,
      iss: ISSUER,
      sid: sidOf(login),
    });
  });

  it('since when it is the current one', async () => {
    app.clock.advance(DAY);
    const { refresh_token } = await refreshed(app.url, login);
    expect(await bodyOf(refresh_token)).toMatchObject({ iat: now(), exp: now() + 30 * DAY });
  });

  it('nothing once it was exchanged, and ends no session', async () => {
    const second = await refreshed(app.url, login);
    await expectInactive(login.refresh_token);
    app.clock.advance(60);
    const row = () => sql(app, 'SELECT * FROM sessions WHERE id = ?', sidOf(login));
    const before = await row();
    for (let i = 0; i < 3; i++) await expectInactive(login.refresh_token);
    expect(await row()).toEqual(before);
    const third = await refreshed(app.url, second);
    expect(await isActive(third.refresh_token)).toBe(true);
  });

  it('that it is valid as long as its session, and does not count as a use', async () => {
    app.clock.advance(30 * DAY - 1);
    expect(await isActive(login.refresh_token)).toBe(true);
    app.clock.advance(1);
    await expectInactive(login.refresh_token);
  });

  it('the end of a session that may not live longer, however often it is used', async () => {
    const end = now() + 40 * DAY;
    app.clock.advance(25 * DAY);
    const { refresh_token } = await refreshed(app.url, login);
    expect(await bodyOf(refresh_token)).toMatchObject({ active: true, exp: end });
    app.clock.advance(15 * DAY);
    await expectInactive(refresh_token);
  });
});

describe('POST /introspect reports both tokens as inactive', () => {
  const both = ['access_token', 'refresh_token'] as const;
  const expectBothDead = async () => {
    for (const kind of both) await expectInactive(login[kind]);
  };

  it.each([
    ['revoked', () => postForm(app, '/revoke', { token: login.refresh_token })],
    ['logged out', () => endSession(app, sidOf(login))],
    [
      'cut off by another password',
      () => app.app.get(AccountsService).setPassword('alex', 'correct horse'),
    ],
    ['gone', () => sql(app, 'DELETE FROM sessions WHERE id = ?', sidOf(login))],
  ])('once their session is %s', async (_, end) => {
    for (const kind of both) expect(await isActive(login[kind])).toBe(true);
    await end();
    await expectBothDead();
  });

  it('once an old refresh token is used again', async () => {
    const second = await refreshed(app.url, login);
    app.clock.advance(11);
    await expect(refreshed(app.url, login)).rejects.toThrow(/invalid_grant/);
    await expectInactive(second.access_token);
    await expectInactive(second.refresh_token);
  });

  it('while their user is disabled', async () => {
    await sql(app, "UPDATE users SET disabled = TRUE WHERE username = 'alex'");
    await expectBothDead();
    await sql(app, "UPDATE users SET disabled = FALSE WHERE username = 'alex'");
    expect(await isActive(login.access_token)).toBe(true);
  });

  it('once their user is deleted, even if another has the name then', async () => {
    await app.createUser({ username: 'leaving' });
    login = await openSession(app.url, { username: 'leaving' });
    await app.app.get(AccountsService).delete('leaving');
    await expectBothDead();
    await app.createUser({ username: 'leaving' });
    await expectBothDead();
  });
});

describe('POST /introspect', () => {
  it.each(['access_token', 'refresh_token', 'id_token', ''])(
    'finds either token, whatever the hint: %j',
    async (token_type_hint) => {
      for (const token of [login.access_token, login.refresh_token]) {
        const response = await introspect(token, { token_type_hint });
        expect(await response.json()).toMatchObject({ active: true });
      }
    },
  );

  it('returns the same for everything but a valid token', async () => {
    const aud = 'http://api.latchkey.test';
    const foreign = await openSession(app.url, { username: 'mary' });
    const claims = { aud, sid: sidOf(login) };
    const good = forge.make({ claims });
    expect(await isActive(good)).toBe(true);
    const bad = [
      ...['x', '.', '..', '\u0000', '🔑', 'x'.repeat(8_193), 'A'.repeat(70), sidOf(login)],
      ...[good.slice(0, -1), good.slice(1), `${good}A`, ` ${good}`],
      ...[login.refresh_token.slice(1), `${login.refresh_token}A`],
      forge.make({ claims, key: 'another key, which is 32 bytes or more' }),
      forge.make({ claims, header: { alg: 'none' } }),
      forge.make({ claims, header: { typ: 'JWT' } }),
      forge.make({ claims: { ...claims, aud: ISSUER } }),
      forge.make({ claims: { ...claims, iss: 'http://elsewhere.test' } }),
      forge.make({ claims: { ...claims, iat: forge.now + 60 } }),
      forge.make({ claims: { ...claims, nbf: forge.now + 60 } }),
      forge.make({ claims: { ...claims, sid: sidOf(foreign) } }),
      forge.make({ claims: { ...claims, sid: 'A'.repeat(22) } }),
      forge.make({ claims: { ...claims, sub: 'mary' } }),
      forge.make({ claims: { ...claims, sub: 'nobody' } }),
      forge.make({ claims: { ...claims, uid: '2' } }),
      forge.make({ claims: { ...claims, uid: undefined } }),
      forge.make({ claims: { aud, uid: '2' } }),
      forge.make({ claims: { aud, sub: 'nobody' } }),
      forge.make({ claims: { aud, sub: 'client:api' } }),
      forge.make({ claims: { aud, sub: 'client:nobody', uid: undefined } }),
      forge.make({ claims: { aud, sub: 'client:', uid: undefined } }),
      forge.make({ claims: { aud, sub: 'x client:api', uid: undefined } }),
    ];
    for (const token of bad) await expectInactive(token);
  });

  it('reveals nothing to a session’s own user, who is not a client', async () => {
    const response = await introspect(login.access_token, {}, basic('api', 'wrong'));
    expect(response.headers.get('www-authenticate')).toMatch(/^Basic /);
    await expectOAuthError(response, 401, 'invalid_client');
  });

  it('authenticates the client before it requires a token', async () => {
    await expectOAuthError(await postForm(app, '/introspect', {}), 401, 'invalid_client');
  });

  it.each(['access_token', 'refresh_token'] as const)(
    'does not report an %s as inactive while the database does not answer',
    async (kind) => {
      const response = await withoutUsersTable(app, () => introspect(login[kind]));
      expect(response.headers.has('retry-after')).toBe(true);
      await expectOAuthError(response, 503, 'temporarily_unavailable');
    },
  );
});
