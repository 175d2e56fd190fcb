import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { adoptUser } from '../support/adopt-user.js';
import { WITHOUT_LIMITS } from '../support/attempts.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/create-test-app.js';
import { expectOAuthError, expectOAuthHeaders } from '../support/expect-errors.js';
import { requestRaw } from '../support/raw-response.js';
import { sql, withoutUsersTable } from '../support/sql.js';

const unicode = { username: 'Ünï 雪', password: 'pässwörd 雪' };

describe('POST /token', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp({ ...WITHOUT_LIMITS, ACCESS_TOKEN_EXPIRE_MINUTES: '30' });
    await app.createUser();
    await adoptUser(app, unicode);
    await app.createUser({ username: 'idle', disabled: true });
  });
  afterAll(() => app.close());

  const post = (body: string, path = '/token') => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    return fetch(`${app.url}${path}`, { method: 'POST', body, headers });
  };
  const credentials = `username=alex&password=${encodeURIComponent(PASSWORD)}`;

  it('answers right credentials with a token', async () => {
    const response = await app.login();
    expect(response.status).toBe(200);
    expectOAuthHeaders(response);
    const text = await response.text();
    expect(text).toMatch(
      /^\{"access_token":"[\w-]+\.[\w-]+\.[\w-]+","token_type":"bearer","expires_in":1800,"refresh_token":"[\w-]{70}","scope":"profile"\}$/,
    );
  });

  it('answers at /token/ too, without a redirect', async () => {
    expect((await post(credentials, '/token/')).status).toBe(200);
  });

  it.each([
    ['grant_type empty', { grant_type: '' }],
    ['grant_type password', { grant_type: 'password' }],
    ['an empty scope', { scope: '' }],
    ['a scope of RFC 6749 characters', { scope: "openid users:read !#[]~ 'x'" }],
    ['a client without a secret', { client_id: 'nobody' }],
    ['an empty client', { client_id: '', client_secret: '' }],
    ['unknown fields', { remember: 'me', __proto__x: 'y', constructor: 'z', user: 'other' }],
  ])('accepts %s', async (_, form) => {
    expect((await app.login(form)).status).toBe(200);
  });

  it('ignores the empty client that Swagger UI sends in Authorization', async () => {
    expect((await app.login({}, { Authorization: 'Basic Og==' })).status).toBe(200);
  });

  it('accepts a name and a password in any script', async () => {
    expect((await app.login(unicode)).status).toBe(200);
  });

  it('answers the same to a wrong password and an unknown user', async () => {
    const wrong: Record<string, string>[] = [{ password: 'wrong horse' }, { username: 'nobody' }];
    const answers = await Promise.all(
      wrong.map(async (form) => {
        const response = await app.login(form);
        const headers = Object.fromEntries(response.headers);
        for (const name of ['date', 'x-request-id']) Reflect.deleteProperty(headers, name);
        return { status: response.status, headers, text: await response.text() };
      }),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer' },
      text: '{"error":"invalid_grant","error_description":"Incorrect username or password","detail":"Incorrect username or password"}',
    });
  });

  it.each([
    ['another case', { username: 'Alex' }],
    ['a space before the name', { username: ' alex' }],
    ['a space after the name', { username: 'alex ' }],
    ['a wildcard for the name', { username: 'ale%' }],
    ['the name in full-width letters', { username: 'ａｌｅｘ' }],
    ['a space after the password', { password: `${PASSWORD} ` }],
    ['a line end after the password', { password: `${PASSWORD}\n` }],
    ['another case of the password', { password: PASSWORD.toUpperCase() }],
    ['a part of the password', { password: PASSWORD.slice(0, -1) }],
    ['a NUL after the password', { password: `${PASSWORD}\0` }],
    [
      'another composition of the password',
      { ...unicode, password: unicode.password.normalize('NFD') },
    ],
    [
      'another composition of the name',
      { ...unicode, username: unicode.username.normalize('NFD') },
    ],
    ['SQL for a name', { username: "alex' OR '1'='1" }],
  ])('compares exactly: refuses %s', async (_, form) => {
    await expectOAuthError(await app.login(form), 401, 'invalid_grant');
  });

  it('informs a disabled user, once the password was right', async () => {
    const right = await app.login({ username: 'idle' });
    expect(right.headers.get('www-authenticate')).toBe('Bearer');
    expect(await expectOAuthError(right, 401, 'invalid_grant')).toBe('Inactive user');
    const wrong = await app.login({ username: 'idle', password: 'wrong horse' });
    expect(await expectOAuthError(wrong, 401, 'invalid_grant')).toBe(
      'Incorrect username or password',
    );
  });

  it('lets a user in whose disabled flag is null', async () => {
    await app.createUser({ username: 'unset' });
    await sql(app, `UPDATE users SET disabled = NULL WHERE username = 'unset'`);
    expect((await app.login({ username: 'unset' })).status).toBe(200);
  });

  it.each([
    ['no username', 'password=x', /username is required.*form body/],
    ['an empty username', 'username=&password=x', /username is required/],
    ['a username without a value', 'username&password=x', /username is required/],
    ['no password', 'username=alex', /password is required.*form body/],
    ['an empty password', 'username=alex&password=', /password is required/],
    ['an empty form', '', /username is required/],
    ['username twice', `${credentials}&username=alex`, /username once/],
    ['password twice', `${credentials}&password=x`, /password once/],
    ['grant_type twice', `${credentials}&grant_type=&grant_type=`, /grant_type once/],
    ['scope twice', `${credentials}&scope=a&scope=b`, /scope once/],
    ['client_id twice', `${credentials}&client_id=a&client_id=a`, /client_id once/],
    ['client_secret twice', `${credentials}&client_secret&client_secret`, /client_secret once/],
    ['username[]', 'username[]=alex&password=x', /username as a plain field/],
    ['username[0], encoded', 'username%5B0%5D=alex&password=x', /username as a plain field/],
    ['password[$ne] besides', `${credentials}&password[$ne]=x`, /password as a plain field/],
    ['broken percent-encoding', 'username=alex&password=%zz', /percent-encoding/],
    ['a percent sign at the end', 'username=alex&password=100%', /percent-encoding/],
    ['percent-encoded Latin-1', 'username=alex&password=p%E4ss', /UTF-8/],
    ['a percent-encoded surrogate', 'username=alex&password=%ED%A0%80', /UTF-8/],
    ['a broken name of an unknown field', `${credentials}&%ff=x`, /UTF-8/],
    ['NUL in the username', 'username=alex%00&password=x', /username.*NUL/],
  ])('refuses %s as an invalid_request', async (_, body, description) => {
    expect(await expectOAuthError(await post(body), 400, 'invalid_request')).toMatch(description);
  });

  it('never takes credentials from the query string', async () => {
    const empty = await post('', `/token?${credentials}`);
    expect(await expectOAuthError(empty, 400, 'invalid_request')).toMatch(/form body/);
    const half = await post('username=alex', `/token?${credentials}`);
    expect(await expectOAuthError(half, 400, 'invalid_request')).toMatch(/password is required/);
    expect((await post(credentials, '/token?username=nobody')).status).toBe(200);
  });

  it.each(['authorization_code', 'Refresh_token', 'Password', 'password '])(
    'refuses the grant_type %j',
    async (grant_type) => {
      await expectOAuthError(await app.login({ grant_type }), 400, 'unsupported_grant_type');
    },
  );

  it.each(['a"b', 'a\\b', 'ä', 'a\tb', 'a\nb', 'a\x7fb'])('refuses the scope %j', async (scope) => {
    await expectOAuthError(await app.login({ scope }), 400, 'invalid_scope');
  });

  it.each(['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])(
    'answers %s with 405 and the method to use',
    async (method) => {
      const response = await fetch(`${app.url}/token`, { method });
      expect(response.headers.get('allow')).toBe('POST');
      await expectOAuthError(response, 405, 'invalid_request');
    },
  );

  it('answers HEAD with 405 and no body', async () => {
    const response = await fetch(`${app.url}/token`, { method: 'HEAD' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
    expectOAuthHeaders(response);
  });

  it('accepts the absolute form of its URL', async () => {
    const response = await requestRaw(app, [
      'POST http://latchkey.test/token?x HTTP/1.1',
      'Content-Length: 0',
    ]);
    await expectOAuthError(response, 400, 'invalid_request');
  });

  it('answers 503 with Retry-After, never 401, while the database does not answer', async () => {
    const response = await withoutUsersTable(app, () => app.login());
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    await expectOAuthError(response, 503, 'temporarily_unavailable');
    expect((await app.login()).status).toBe(200);
  });
});
