import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AccountsService } from '../../src/accounts/accounts.service.js';
import { ClientsService } from '../../src/clients/clients.service.js';
import { PurposeKeys } from '../../src/crypto/purpose-keys.js';
import { RefreshTokens } from '../../src/sessions/refresh-tokens.js';
import { createTestApp, type TestApp } from '../support/create-test-app.js';
import { expectOAuthError, expectOAuthHeaders } from '../support/expect-errors.js';
import { readToken } from '../support/forge-token.js';
import { basic } from '../support/oauth.js';
import {
  openSession,
  refresh,
  refreshed,
  requestSessions,
  sidOf,
  type TokenAnswer,
} from '../support/sessions.js';
import { sql } from '../support/sql.js';

const REFUSED = 'The refresh token is invalid, expired or revoked';
const DAY = 86_400;

let app: TestApp;

beforeAll(async () => {
  app = await createTestApp({ ACCESS_TOKEN_EXPIRE_MINUTES: '30' });
  await app.createUser();
});
afterAll(() => app.close());

const rowOf = async (tokens: TokenAnswer) => {
  const [row] = await sql(app, 'SELECT * FROM sessions WHERE id = ?', sidOf(tokens));
  return row as Record<string, unknown>;
};
const expectRefused = async (token: string, form: Record<string, string> = {}) => {
  const response = await refresh(app.url, token, form);
  expect(await expectOAuthError(response, 400, 'invalid_grant')).toBe(REFUSED);
};

describe('grant_type=refresh_token', () => {
  it('answers like a login, with the same session and a new token of each kind', async () => {
    const opened = await openSession(app.url);
    app.clock.advance(60);
    const response = await refresh(app.url, opened.refresh_token);
    expect(response.status).toBe(200);
    expectOAuthHeaders(response);
    const renewed = (await response.json()) as TokenAnswer;
    expect(Object.keys(renewed)).toEqual(Object.keys(opened));
    expect(renewed).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      token_type: 'bearer',
      expires_in: 1800,
      refresh_token: expect.stringMatching(/^[\w-]{70}$/),
      scope: 'profile',
    });
    expect(renewed.refresh_token).not.toBe(opened.refresh_token);
    const { payload } = readToken(renewed.access_token);
    expect(payload).toMatchObject({ sub: 'alex', uid: '1', sid: sidOf(opened) });
    expect(payload.jti).not.toBe(readToken(opened.access_token).payload.jti);
    expect((await app.readProfile(renewed.access_token)).status).toBe(200);
    // RFC 6749 §6 requires nothing of access tokens that were issued before.
    expect((await app.readProfile(opened.access_token)).status).toBe(200);
  });

  it('counts the rotation in the row, and when', async () => {
    let tokens = await openSession(app.url);
    const openedAt = app.clock.now();
    for (const counter of [1, 2, 3]) {
      app.clock.advance(60);
      tokens = await refreshed(app.url, tokens);
      const now = app.clock.now();
      expect(await rowOf(tokens)).toMatchObject({
        created_at: openedAt,
        last_used_at: now,
        refresh_counter: counter,
        rotated_at: now,
        tokens_expire_at: now + 1_800_000,
        expires_at: now + 30 * DAY * 1000,
        revoked_at: null,
      });
    }
  });

  it('stores nothing of the token', async () => {
    const { refresh_token } = await openSession(app.url);
    expect(JSON.stringify(await sql(app, 'SELECT * FROM sessions'))).not.toContain(
      refresh_token.slice(22),
    );
  });

  it.each([
    ['nothing', ''],
    ['what was granted', 'profile'],
    ['what was granted, twice', 'profile profile'],
  ])('grants a scope of %s', async (_, scope) => {
    const { refresh_token } = await openSession(app.url);
    expect(await (await refresh(app.url, refresh_token, { scope })).json()).toMatchObject({
      scope: 'profile',
    });
  });

  it.each(['admin', 'profile admin', 'Profile', 'profile offline_access', 'a"b', 'ä'])(
    'refuses the scope %j, and leaves the token valid',
    async (scope) => {
      const tokens = await openSession(app.url);
      const response = await refresh(app.url, tokens.refresh_token, { scope });
      await expectOAuthError(response, 400, 'invalid_scope');
      expect((await rowOf(tokens)).refresh_counter).toBe(0);
      await refreshed(app.url, tokens);
    },
  );

  it.each(['admin', 'profile', 'openid profile', ''])(
    'and a login leave out unknown scopes of %j',
    async (scope) => {
      expect((await openSession(app.url, { scope })).scope).toBe('profile');
    },
  );

  it.each([
    ['is missing', 'grant_type=refresh_token', /refresh_token is required/],
    ['is empty', 'grant_type=refresh_token&refresh_token=', /refresh_token is required/],
    ['appears twice', 'grant_type=refresh_token&refresh_token=a&refresh_token=a', /once/],
    ['is a list', 'grant_type=refresh_token&refresh_token[]=a', /plain field/],
  ])('says which field to send when the token %s', async (_, body, description) => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const response = await fetch(`${app.url}/token?refresh_token=x`, {
      method: 'POST',
      body,
      headers,
    });
    expect(await expectOAuthError(response, 400, 'invalid_request')).toMatch(description);
  });

  it.each(['application/json', 'text/plain', ''])('refuses a body of type %j', async (type) => {
    const { refresh_token } = await openSession(app.url);
    const body = JSON.stringify({ grant_type: 'refresh_token', refresh_token });
    const headers = { 'Content-Type': type };
    const response = await fetch(`${app.url}/token`, { method: 'POST', body, headers });
    await expectOAuthError(response, 400, 'invalid_request');
  });

  it('accepts a multipart form', async () => {
    const { refresh_token } = await openSession(app.url);
    const body = new FormData();
    body.append('grant_type', 'refresh_token');
    body.append('refresh_token', refresh_token);
    expect((await fetch(`${app.url}/token`, { method: 'POST', body })).status).toBe(200);
  });
});

describe('A refresh token', () => {
  /** The token with one character replaced by another. */
  const withCharacter = (token: string, at: number, change: (code: number) => number) => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const code = change(alphabet.indexOf(token.at(at)!));
    return token.slice(0, at) + alphabet.charAt(code) + token.slice(at).slice(1);
  };

  it.each([
    ['garbage', () => 'garbage'],
    ['70 meaningless characters', () => 'A'.repeat(70)],
    ['64 KB of text', () => 'x'.repeat(65_000)],
    ['a NUL', () => '\0'],
    ['no ASCII', () => 'ü雪😀'],
    ['truncated by a character', (token) => token.slice(0, -1)],
    ['truncated to its id', (token) => token.slice(0, 22)],
    ['longer by a character', (token) => `${token}A`],
    ['in padding', (token) => `${token}==`],
    ['between spaces', (token) => ` ${token} `],
    ['with a line end', (token) => `${token}\n`],
    ['of one bit flipped in the session id', (token) => withCharacter(token, 3, (n) => n ^ 1)],
    ['of one bit flipped in the counter', (token) => withCharacter(token, 26, (n) => n ^ 1)],
    ['of one bit flipped in the MAC', (token) => withCharacter(token, 40, (n) => n ^ 32)],
    ['in base64 that is not canonical', (token) => withCharacter(token, 69, (n) => n ^ 1)],
    ['in upper case', (token) => token.toUpperCase()],
    [
      'percent-encoded once more',
      (token) => `%${token.charCodeAt(0).toString(16)}${token.slice(1)}`,
    ],
    ['an access token', (_, { access_token }) => access_token],
    ['a session id', (_, tokens) => sidOf(tokens)],
  ] satisfies [string, (token: string, tokens: TokenAnswer) => string][])(
    'that is %s is refused, and changes nothing',
    async (_, change) => {
      const tokens = await openSession(app.url);
      await expectRefused(change(tokens.refresh_token, tokens));
      expect(await rowOf(tokens)).toMatchObject({ refresh_counter: 0, revoked_at: null });
    },
  );

  it('is not read with any one bit flipped', async () => {
    const { refresh_token } = await openSession(app.url);
    const reader = app.app.get(RefreshTokens);
    expect(reader.read(refresh_token)).toBeDefined();
    const bytes = Buffer.from(refresh_token, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(reader.read(flipped.toString('base64url'))).toBeUndefined();
    }
  });

  it('of a server with another key is refused', async () => {
    const tokens = await openSession(app.url);
    const secretKey = 'another key for the tests, 32 bytes and more';
    const writer = new RefreshTokens(new PurposeKeys({ secretKey, previousSecretKey: null }));
    await expectRefused(writer.write({ sid: sidOf(tokens), counter: 0 }));
  });

  it('is not an access token', async () => {
    const { refresh_token } = await openSession(app.url);
    expect((await app.readProfile(refresh_token)).status).toBe(401);
  });

  it('of a session that was ended is refused', async () => {
    const tokens = await openSession(app.url);
    await requestSessions(app.url, tokens, 'DELETE', `/${sidOf(tokens)}`);
    await expectRefused(tokens.refresh_token);
  });

  it('of a session whose row is gone is refused', async () => {
    const tokens = await openSession(app.url);
    await sql(app, 'DELETE FROM sessions WHERE id = ?', sidOf(tokens));
    await expectRefused(tokens.refresh_token);
  });

  describe('of a user', () => {
    const accounts = () => app.app.get(AccountsService);
    const change = (statement: string) => (name: string) =>
      sql(app, `${statement} WHERE username = ?`, name);

    it.each<[string, (name: string) => unknown]>([
      ['who is disabled', (name) => accounts().disable(name)],
      ['whose password changes', (name) => accounts().setPassword(name, 'another horse')],
      ['who is deleted', (name) => accounts().delete(name)],
      ['whose row says disabled', change('UPDATE users SET disabled = TRUE')],
      ['whose row is gone', change('DELETE FROM users')],
    ])('%s is refused', async (title, cut) => {
      const username = title.replaceAll(' ', '-');
      await app.createUser({ username });
      const { refresh_token } = await openSession(app.url, { username });
      await cut(username);
      await expectRefused(refresh_token);
    });

    it('is valid again once the row is restored, when no session was ended', async () => {
      await app.createUser({ username: 'pause' });
      const tokens = await openSession(app.url, { username: 'pause' });
      await change('UPDATE users SET disabled = TRUE')('pause');
      await expectRefused(tokens.refresh_token);
      await change('UPDATE users SET disabled = NULL')('pause');
      await refreshed(app.url, tokens);
    });
  });

  describe('and the client that it was issued to:', () => {
    const secrets: Record<string, string> = {};
    beforeAll(async () => {
      for (const id of ['shop', 'till']) {
        secrets[id] = (await app.app.get(ClientsService).create(id)).secret;
      }
    });

    const proven = (id: string) => ({ client_id: id, client_secret: secrets[id]! });

    it.each([
      ['one that authenticates', true, 'shop', true],
      ['the same, without authentication', true, 'shop', false],
      ['nobody', true, '', false],
      ['another that authenticates', true, 'till', true],
      ['the label again', false, 'shop', false],
      ['nobody, for a label', false, '', false],
      ['another label', false, 'till', false],
      ['another that authenticates, for a label', false, 'till', true],
    ])('%s', async (_, isProven, id, proves) => {
      const opener = isProven ? proven('shop') : { client_id: 'shop' };
      const { refresh_token } = await openSession(app.url, opener);
      const form = proves ? proven(id) : { client_id: id };
      const isGranted = isProven ? id === 'shop' && proves : id !== 'till';
      if (!isGranted) await expectRefused(refresh_token, form);
      // A refused client leaves the token valid for the client that it was issued to.
      expect((await refresh(app.url, refresh_token, isGranted ? form : opener)).status).toBe(200);
    });

    it('a label does not matter to a session that was opened without one', async () => {
      const { refresh_token } = await openSession(app.url);
      expect((await refresh(app.url, refresh_token, { client_id: 'shop' })).status).toBe(200);
    });

    it('a wrong secret is 401 invalid_client, before the token is checked', async () => {
      const tokens = await openSession(app.url, proven('shop'));
      const form = { client_id: 'shop', client_secret: 'wrong' };
      const response = await refresh(app.url, tokens.refresh_token, form);
      expect(response.headers.get('www-authenticate')).toMatch(/^Basic /);
      await expectOAuthError(response, 401, 'invalid_client');
      expect((await rowOf(tokens)).refresh_counter).toBe(0);
    });

    it('the secret may be sent by HTTP Basic too', async () => {
      const headers = basic('shop', secrets.shop!);
      const { refresh_token } = await openSession(app.url, proven('shop'));
      expect((await refresh(app.url, refresh_token, {}, headers)).status).toBe(200);
    });
  });
});
