import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ClientsService } from '../../src/clients/clients.service.js';
import { createTestApp, type TestApp } from '../support/create-test-app.js';
import { expectOAuthError } from '../support/expect-errors.js';
import { TokenForge } from '../support/forge-token.js';
import { basic, postForm } from '../support/oauth.js';
import { openSession, refreshed, sidOf, type TokenAnswer, tokensIn } from '../support/sessions.js';
import { sql, withoutUsersTable } from '../support/sql.js';

const DAY = 86_400;

let app: TestApp;
let forge: TokenForge;
let login: TokenAnswer;
beforeAll(async () => {
  app = await createTestApp();
  forge = new TokenForge(app);
  await app.createUser();
  await app.createUser({ username: 'mary' });
});
beforeEach(async () => void (login = await openSession(app.url)));
afterAll(() => app.close());

const revoke = (token: string, more: Record<string, string> = {}, headers = {}) =>
  postForm(app, '/revoke', { token, ...more }, headers);

async function isLive({ access_token }: TokenAnswer): Promise<boolean> {
  return (await app.readProfile(access_token)).status === 200;
}

async function reasonOf(tokens: TokenAnswer): Promise<unknown> {
  const rows = await sql(app, 'SELECT revoked_reason FROM sessions WHERE id = ?', sidOf(tokens));
  return (rows[0] as { revoked_reason: unknown }).revoked_reason;
}

/** The response reveals nothing except that the request was received. */
async function expectHeard(response: Response): Promise<void> {
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('pragma')).toBe('no-cache');
  expect(response.headers.has('etag')).toBe(false);
}

describe('POST /revoke', () => {
  it.each(['access_token', 'refresh_token'] as const)('ends the session of an %s', async (kind) => {
    await expectHeard(await revoke(login[kind]));
    expect(await isLive(login)).toBe(false);
    await expect(refreshed(app.url, login)).rejects.toThrow(/invalid_grant/);
    expect(await reasonOf(login)).toBe('revoked');
  });

  it.each([
    ['access_token', 'refresh_token'],
    ['refresh_token', 'access_token'],
    ['access_token', 'id_token'],
    ['refresh_token', ''],
  ] as const)('finds an %s under the hint %j', async (kind, token_type_hint) => {
    await expectHeard(await revoke(login[kind], { token_type_hint }));
    expect(await isLive(login)).toBe(false);
  });

  it('ends the session by a refresh token of any generation', async () => {
    const second = await refreshed(app.url, login);
    const third = await refreshed(app.url, second);
    app.clock.advance(DAY);
    await expectHeard(await revoke(login.refresh_token));
    await expect(refreshed(app.url, third)).rejects.toThrow(/invalid_grant/);
    expect(await reasonOf(login)).toBe('revoked');
  });

  it('ends the session by an access token from before a refresh', async () => {
    const second = await refreshed(app.url, login);
    await expectHeard(await revoke(login.access_token));
    expect(await isLive(second)).toBe(false);
  });

  it('ends one session, and no other', async () => {
    const [other, foreign] = [
      await openSession(app.url),
      await openSession(app.url, { username: 'mary' }),
    ];
    await expectHeard(await revoke(login.refresh_token));
    expect([await isLive(login), await isLive(other), await isLive(foreign)]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('accepts it again, and changes nothing', async () => {
    await revoke(login.refresh_token);
    const row = () => sql(app, 'SELECT * FROM sessions WHERE id = ?', sidOf(login));
    const before = await row();
    app.clock.advance(1);
    await expectHeard(await revoke(login.refresh_token));
    await expectHeard(await revoke(login.access_token));
    expect(await row()).toEqual(before);
  });

  it('ends the session of a user who is disabled', async () => {
    await sql(app, "UPDATE users SET disabled = TRUE WHERE username = 'alex'");
    await expectHeard(await revoke(login.refresh_token));
    await sql(app, "UPDATE users SET disabled = FALSE WHERE username = 'alex'");
    expect(await isLive(login)).toBe(false);
  });

  it('accepts tokens that are not its own, and ends nothing', async () => {
    const { access_token, refresh_token } = login;
    const sid = sidOf(login);
    const otherKey = { key: 'another key, which is 32 bytes or more' };
    const tokens = [
      ...['x', '.', '..', '\u0000', '🔑', 'x'.repeat(8_193), 'A'.repeat(70), sid, '{}'],
      ...[access_token.slice(0, -1), access_token.slice(1), `${access_token}A`, ` ${access_token}`],
      ...[refresh_token.slice(0, -1), `${refresh_token}A`, `${refresh_token} `],
      `${refresh_token.slice(0, 30)}${refresh_token[30] === 'A' ? 'B' : 'A'}${refresh_token.slice(31)}`,
      forge.make({ claims: { sid }, ...otherKey }),
      forge.make({ claims: { sid, iss: 'http://elsewhere.test' } }),
      forge.make({ claims: { sid, aud: 'http://elsewhere.test' } }),
      forge.make({ claims: { sid }, header: { typ: 'JWT' } }),
      forge.make({ claims: { sid }, header: { alg: 'none' } }),
      forge.make({ claims: { sid: 'A'.repeat(22) } }),
      forge.make(),
    ];
    for (const token of tokens) await expectHeard(await revoke(token));
    expect(await isLive(login)).toBe(true);
  });

  it('accepts a client’s own token, which is valid until it expires', async () => {
    const { id, secret } = await app.app.get(ClientsService).create('service');
    const headers = basic(id, secret);
    const { access_token } = await tokensIn(
      await postForm(app, '/token', { grant_type: 'client_credentials' }, headers),
    );
    await expectHeard(await revoke(access_token, {}, headers));
    const answer = await postForm(app, '/introspect', { token: access_token }, headers);
    expect(await answer.json()).toMatchObject({ active: true });
  });

  it('ends the session whichever client asks: the bearer of a token may', async () => {
    const clients = app.app.get(ClientsService);
    const [one, two] = [await clients.create('one'), await clients.create('two')];
    const bound = await openSession(app.url, {}, basic(one.id, one.secret));
    await expectHeard(await revoke(bound.refresh_token, {}, basic(two.id, two.secret)));
    expect(await isLive(bound)).toBe(false);
  });

  it('ends nothing for a client whose secret is wrong', async () => {
    const response = await revoke(login.refresh_token, {}, basic('service', 'wrong'));
    await expectOAuthError(response, 401, 'invalid_client');
    expect(await isLive(login)).toBe(true);
  });

  it.each(['access_token', 'refresh_token'] as const)(
    'reports that an %s is not revoked, while the database does not answer',
    async (kind) => {
      const response = await withoutUsersTable(app, () => revoke(login[kind]));
      expect(response.headers.has('retry-after')).toBe(true);
      await expectOAuthError(response, 503, 'temporarily_unavailable');
      expect(await isLive(login)).toBe(true);
    },
  );

  it('accepts a token of an expired session', async () => {
    app.clock.advance(31 * DAY);
    await expectHeard(await revoke(login.refresh_token));
    await expectHeard(await revoke(login.access_token));
    expect(await reasonOf(login)).toBeNull();
  });
});
