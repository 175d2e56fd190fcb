import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClientsService } from '../../src/clients/clients.service.js';
import { UserScopesService } from '../../src/users/user-scopes.service.js';
import { UsersService } from '../../src/users/users.service.js';
import { ADMINISTRATOR, AdminClient, makeUser } from '../support/admin.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/create-test-app.js';
import { expectOAuthError } from '../support/expect-errors.js';
import { readToken, TokenForge } from '../support/forge-token.js';
import { basic, postForm } from '../support/oauth.js';
import { openSession, refresh, sidOf, type TokenAnswer, tokensIn } from '../support/sessions.js';
import { sql } from '../support/sql.js';

let app: TestApp;
let users = 0;
let credentials: Record<string, string>;

beforeAll(async () => {
  app = await createTestApp();
  const { id, secret } = await app.app.get(ClientsService).create('api');
  credentials = basic(id, secret);
});
afterAll(() => app.close());

const scopes = () => app.app.get(UserScopesService);

async function newUser(...granted: string[]): Promise<string> {
  const username = `user${++users}`;
  await makeUser(app, username, granted);
  return username;
}

const scopeOf = ({ access_token }: Pick<TokenAnswer, 'access_token'>) =>
  readToken(access_token).payload.scope;

async function introspect(token: string): Promise<Record<string, unknown>> {
  const response = await postForm(app, '/introspect', { token }, credentials);
  return (await response.json()) as Record<string, unknown>;
}

describe('A login', () => {
  it.each([
    ['nothing', {}, [], 'profile'],
    ['nothing', {}, ADMINISTRATOR, 'profile users:read users:write'],
    ['an empty scope', { scope: ' ' }, ADMINISTRATOR, 'profile users:read users:write'],
    ['one of two', { scope: 'users:read' }, ADMINISTRATOR, 'profile users:read'],
    ['profile', { scope: 'profile' }, ADMINISTRATOR, 'profile'],
    ['one twice', { scope: 'users:read users:read' }, ADMINISTRATOR, 'profile users:read'],
    ['what is not granted', { scope: 'users:write' }, ['users:read'], 'profile'],
    ['what nobody knows', { scope: 'openid a:b' }, ['a:b'], 'profile a:b'],
    ['other capitals', { scope: 'Users:Read' }, ADMINISTRATOR, 'profile'],
  ])('that asks for %s (%j), of a user with %j, grants %j', async (_, form, granted, scope) => {
    const username = await newUser(...granted);
    const tokens = await openSession(app.url, { username, ...form });
    expect({ answer: tokens.scope, claim: scopeOf(tokens) }).toEqual({
      answer: scope,
      claim: scope,
    });
    expect(await sql(app, 'SELECT scope FROM sessions WHERE id = ?', sidOf(tokens))).toEqual([
      { scope },
    ]);
    expect((await app.readProfile(tokens.access_token)).status).toBe(200);
  });
});

describe('A refresh', () => {
  it('has the scope of the login, whatever the user was granted since', async () => {
    const username = await newUser('users:read');
    const tokens = await openSession(app.url, { username });
    await scopes().grant(username, ['users:write']);
    const renewed = await tokensIn(await refresh(app.url, tokens.refresh_token));
    expect(renewed.scope).toBe('profile users:read');
    expect(scopeOf(renewed)).toBe('profile users:read');
  });

  it('narrows one access token, and not the session', async () => {
    const username = await newUser(...ADMINISTRATOR);
    const first = await openSession(app.url, { username });
    const second = await tokensIn(
      await refresh(app.url, first.refresh_token, { scope: 'users:read' }),
    );
    expect([second.scope, scopeOf(second)]).toEqual(Array(2).fill('profile users:read'));
    const third = await tokensIn(await refresh(app.url, second.refresh_token));
    expect(third.scope).toBe('profile users:read users:write');
  });

  it('does not widen: 400 invalid_scope, and the token stays valid', async () => {
    const username = await newUser(...ADMINISTRATOR);
    const tokens = await openSession(app.url, { username, scope: 'users:read' });
    for (const scope of ['users:write', 'users:read users:write', 'openid']) {
      const response = await refresh(app.url, tokens.refresh_token, { scope });
      await expectOAuthError(response, 400, 'invalid_scope');
    }
    expect((await refresh(app.url, tokens.refresh_token)).status).toBe(200);
  });

  it('leaves out what was revoked from the user meanwhile, also where it is requested', async () => {
    const username = await newUser(...ADMINISTRATOR);
    const tokens = await openSession(app.url, { username });
    await scopes().revoke(username, ['users:write']);
    const scope = 'users:read users:write';
    const renewed = await tokensIn(await refresh(app.url, tokens.refresh_token, { scope }));
    expect(renewed.scope).toBe('profile users:read');
  });

  it('of a session from before there were scopes has profile, and no more', async () => {
    const username = await newUser(...ADMINISTRATOR);
    const tokens = await openSession(app.url, { username });
    await sql(app, 'UPDATE sessions SET scope = NULL WHERE id = ?', sidOf(tokens));
    const renewed = await tokensIn(await refresh(app.url, tokens.refresh_token));
    expect(renewed.scope).toBe('profile');
    const wider = await refresh(app.url, renewed.refresh_token, { scope: 'users:read' });
    await expectOAuthError(wider, 400, 'invalid_scope');
  });
});

describe('A route that needs a scope', () => {
  it('is not for a token without it: 403 with the challenge of RFC 6750 §3.1', async () => {
    const admin = await AdminClient.logIn(app, await newUser('users:read'));
    const response = await admin.send('POST', '/invitations');
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer error="insufficient_scope", error_description="The access token needs the scope users:write", scope="users:write"',
    );
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ status: 403, code: 'insufficient_scope' });
  });

  it('is not for a token that was requested with less', async () => {
    const username = await newUser(...ADMINISTRATOR);
    const admin = await AdminClient.logIn(app, username, { scope: 'profile' });
    expect((await admin.send('GET', '/users')).status).toBe(403);
  });

  it('is refused from the moment that the scope is revoked, and open again once it is granted', async () => {
    const username = await newUser(...ADMINISTRATOR);
    const admin = await AdminClient.logIn(app, username);
    expect((await admin.send('GET', '/users')).status).toBe(200);
    await scopes().revoke(username, ['users:read']);
    expect((await admin.send('GET', '/users')).status).toBe(403);
    expect((await admin.send('POST', '/invitations')).status).toBe(201);
    await scopes().grant(username, ['users:read']);
    expect((await admin.send('GET', '/users')).status).toBe(200);
  });

  it('is not for a token from before there were scopes', async () => {
    const username = await newUser(...ADMINISTRATOR);
    const { id } = await app.app.get(UsersService).get(username);
    const make = (claims: Record<string, unknown>) =>
      new TokenForge(app, String(id)).make({ claims: { sub: username, ...claims } });
    expect((await app.readProfile(make({}))).status).toBe(200);
    expect((await new AdminClient(app.url, make({})).send('GET', '/users')).status).toBe(403);
    const withScope = new AdminClient(app.url, make({ scope: 'users:read' }));
    expect((await withScope.send('GET', '/users')).status).toBe(200);
  });

  it.each([['users:readx'], ['xusers:read'], ['USERS:READ'], ['users:read,users:write'], ['%']])(
    'is not for the scope %j',
    async (scope) => {
      const admin = await AdminClient.logIn(app, await newUser(scope));
      expect((await admin.send('GET', '/users')).status).toBe(403);
    },
  );

  it.each([[['users:read']], [7], [''], [null]])(
    'accepts no token whose scope is %j',
    async (scope) => {
      const username = await newUser(...ADMINISTRATOR);
      const { id } = await app.app.get(UsersService).get(username);
      const token = new TokenForge(app, String(id)).make({ claims: { sub: username, scope } });
      expect((await app.readProfile(token)).status).toBe(401);
    },
  );

  it('asks for a token first: 401 without one', async () => {
    const response = await fetch(`${app.url}/admin/users`);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
  });

  it("is not for a client's own token", async () => {
    const response = await postForm(
      app,
      '/token',
      { grant_type: 'client_credentials' },
      credentials,
    );
    const { access_token } = (await response.json()) as TokenAnswer;
    expect((await new AdminClient(app.url, access_token).send('GET', '/users')).status).toBe(401);
  });
});

describe('Introspection', () => {
  it('returns what a token of either kind allows and its user is still granted', async () => {
    const username = await newUser(...ADMINISTRATOR, 'reports');
    const tokens = await openSession(app.url, { username, scope: 'reports users:read' });
    const both = async () =>
      Promise.all(
        [tokens.access_token, tokens.refresh_token].map(async (token) => {
          const { active, scope } = await introspect(token);
          return { active, scope };
        }),
      );
    const active = (scope: string) => [0, 1].map(() => ({ active: true, scope }));
    expect(await both()).toEqual(active('profile users:read reports'));
    await scopes().revoke(username, ['users:read']);
    expect(await both()).toEqual(active('profile reports'));
  });
});

describe('A user whose address is to be verified', () => {
  let username: string;
  beforeAll(async () => {
    username = await newUser();
    await sql(app, 'UPDATE users SET pending_until = 1 WHERE username = ?', username);
  });
  const logIn = (password: string) => app.login({ username, password });

  it('cannot log in, and learns why with the right password alone', async () => {
    const right = await logIn(PASSWORD);
    expect(right.headers.get('www-authenticate')).toBe('Bearer');
    expect(await expectOAuthError(right, 401, 'invalid_grant')).toBe('E-mail address not verified');
    const wrong = await expectOAuthError(await logIn('wrong'), 401, 'invalid_grant');
    expect(wrong).toBe('Incorrect username or password');
  });

  it('learns first that they are disabled', async () => {
    await sql(app, 'UPDATE users SET disabled = TRUE WHERE username = ?', username);
    expect(await expectOAuthError(await logIn(PASSWORD), 401, 'invalid_grant')).toBe(
      'Inactive user',
    );
  });
});

describe('Granting', () => {
  const stored = (username: string) =>
    sql(app, 'SELECT scopes FROM users WHERE username = ?', username);

  it('and revoking change what they name, once, and nothing else', async () => {
    const username = await newUser('a', 'b');
    await scopes().grant(username, ['b', 'c', 'c', 'profile']);
    expect(await stored(username)).toEqual([{ scopes: 'a b c' }]);
    await scopes().revoke(username, ['b', 'x', 'profile']);
    expect(await stored(username)).toEqual([{ scopes: 'a c' }]);
    await scopes().revoke(username, ['a', 'c']);
    expect(await stored(username)).toEqual([{ scopes: null }]);
  });

  it('loses none of twenty at once', async () => {
    const username = await newUser();
    const names = Array.from({ length: 20 }, (_, i) => `s${i}`);
    await Promise.all(names.map((name) => scopes().grant(username, [name])));
    expect((await app.app.get(UsersService).get(username)).scopes!.split(' ').sort()).toEqual(
      names.sort(),
    );
  });

  it.each([['a b'], [''], ['"'], ['\\'], ['é'], ['a\n'], ['\0'], ['x'.repeat(65)]])(
    'refuses the scope %j',
    async (scope) => {
      const username = await newUser('a');
      await expect(scopes().grant(username, [scope])).rejects.toMatchObject({
        code: 'invalid_fields',
      });
      expect(await stored(username)).toEqual([{ scopes: 'a' }]);
    },
  );

  it('refuses more than 32', async () => {
    const username = await newUser(...Array.from({ length: 32 }, (_, i) => `s${i}`));
    await expect(scopes().grant(username, ['one-more'])).rejects.toMatchObject({
      code: 'invalid_fields',
    });
    await scopes().grant(username, ['s0']);
  });
});

describe('Without refresh tokens', () => {
  it('the answer still has its three members, and the token its scope', async () => {
    // One app with logins at a time: passport's strategies are global to the process.
    await app.close();
    app = await createTestApp({ REFRESH_TOKEN_EXPIRE_DAYS: '0' });
    await makeUser(app, 'alex', ADMINISTRATOR);
    const answer = (await (await app.login()).json()) as TokenAnswer;
    expect(Object.keys(answer)).toEqual(['access_token', 'token_type', 'expires_in']);
    expect(scopeOf(answer)).toBe('profile users:read users:write');
  });
});
