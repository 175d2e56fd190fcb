import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClientsService } from '../../src/clients/clients.service.js';
import { bcryptWork } from '../support/bcrypt-work.js';
import { createTestApp, ISSUER, type TestApp } from '../support/create-test-app.js';
import { expectOAuthError, expectOAuthHeaders, expectProblem } from '../support/expect-errors.js';
import { readToken } from '../support/forge-token.js';
import { basic } from '../support/oauth.js';
import { refresh, sidOf, type TokenAnswer } from '../support/sessions.js';
import { sql } from '../support/sql.js';

type Fields = Record<string, string>;

const BASIC = 'Basic realm="latchkey", charset="UTF-8"';

let app: TestApp;
let secret: string;

beforeAll(async () => {
  app = await createTestApp({ ACCESS_TOKEN_EXPIRE_MINUTES: '30' });
  await app.createUser();
  ({ secret } = await app.app.get(ClientsService).create('shop'));
});
afterAll(() => app.close());

const sessions = () => sql<Fields>(app, 'SELECT * FROM sessions');

async function expectInvalidClient(response: Response): Promise<void> {
  expect(response.headers.get('www-authenticate')).toBe(BASIC);
  await expectOAuthError(response, 401, 'invalid_client');
}

describe('grant_type=client_credentials', () => {
  const ask = (form: Fields = {}, headers: Fields = {}) => {
    const body = new URLSearchParams({ grant_type: 'client_credentials', ...form });
    return fetch(`${app.url}/token`, { method: 'POST', body, headers });
  };
  const inForm = () => ({ client_id: 'shop', client_secret: secret });

  it.each([
    ['by the form', () => ask(inForm())],
    ['by HTTP Basic', () => ask({}, basic('shop', secret))],
    ['with an empty scope', () => ask({ ...inForm(), scope: '' })],
    ['with unneeded user fields', () => ask({ ...inForm(), username: 'alex', password: 'x' })],
  ])('gives a registered client a token of its own: %s', async (_, send) => {
    const before = (await sessions()).length;
    const response = await send();
    expect(response.status).toBe(200);
    expectOAuthHeaders(response);
    const answer = (await response.json()) as { access_token: string };
    expect(answer).toEqual({
      access_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 1800,
    });
    const { header, payload } = readToken(answer.access_token);
    expect(header).toMatchObject({ typ: 'at+jwt', alg: 'HS256' });
    const iat = app.clock.now() / 1000;
    expect(payload).toEqual({
      sub: 'client:shop',
      iss: ISSUER,
      aud: ISSUER,
      iat,
      exp: iat + 1800,
      jti: expect.stringMatching(/^[\da-f-]{36}$/),
    });
    expect(await sessions()).toHaveLength(before);
  });

  it('gives a token that is no user at /users/me', async () => {
    const { access_token } = (await (await ask(inForm())).json()) as { access_token: string };
    // Not even where an adopted database has a user of that name.
    await sql(app, `INSERT INTO users (username) VALUES ('client:shop')`);
    const response = await app.readProfile(access_token);
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer error="invalid_token", error_description="The access token is invalid"',
    );
    await expectProblem(response, {
      status: 401,
      title: 'Unauthorized',
      code: 'invalid_token',
      detail: 'Could not validate token',
    });
  });

  it.each([
    ['nobody', {}, {}],
    ['the empty client of Swagger UI', {}, basic('', '')],
    ['a label', { client_id: 'shop' }, {}],
    ['a label with an empty secret', { client_id: 'shop', client_secret: '' }, {}],
    ['a label by HTTP Basic', {}, basic('shop', '')],
    ['a wrong secret', { client_id: 'shop', client_secret: 'wrong' }, {}],
    ['a wrong secret by HTTP Basic', {}, basic('shop', 'wrong')],
    ['a secret without a client', { client_secret: 'wrong' }, {}],
    ['an unknown client', { client_id: 'nobody', client_secret: 'wrong' }, {}],
    ['a client of another case', { client_id: 'SHOP', client_secret: 'wrong' }, {}],
    ['a NUL', { client_id: '\0', client_secret: '\0' }, {}],
    ['60 KB of secret', { client_id: 'shop', client_secret: 'x'.repeat(60_000) }, {}],
    ['broken HTTP Basic', {}, { Authorization: 'Basic ???' }],
  ])('refuses %s', async (_, form: Fields, headers: Fields) => {
    await expectInvalidClient(await ask(form, headers));
  });

  it('refuses a client that was deleted', async () => {
    const gone = await app.app.get(ClientsService).create('gone');
    const form = { client_id: 'gone', client_secret: gone.secret };
    expect((await ask(form)).status).toBe(200);
    await app.app.get(ClientsService).delete('gone');
    await expectInvalidClient(await ask(form));
  });

  it.each(['profile', 'admin', 'profile admin'])('refuses the scope %j', async (scope) => {
    await expectOAuthError(await ask({ ...inForm(), scope }), 400, 'invalid_scope');
  });

  it('refuses a client that is presented in two ways', async () => {
    const response = await ask(inForm(), basic('shop', secret));
    await expectOAuthError(response, 400, 'invalid_request');
  });
});

describe('The client of a login', () => {
  const clientOf = async (login: Response) => {
    const sid = sidOf((await login.clone().json()) as TokenAnswer);
    const { client_id, client_authenticated } = (await sessions()).find(({ id }) => id === sid)!;
    return { client_id, client_authenticated };
  };

  it.each([
    ['a wrong secret', { client_id: 'shop', client_secret: 'wrong' }, {}],
    ['a wrong secret by HTTP Basic', {}, basic('shop', 'wrong')],
    ['a secret without a client', { client_secret: 'wrong' }, {}],
    ['an unknown client', { client_id: 'nobody', client_secret: 'wrong' }, {}],
  ])('%s is refused, before any password is checked', async (_, form: Fields, headers: Fields) => {
    const before = (await sessions()).length;
    const work = await bcryptWork(async () => {
      await expectInvalidClient(await app.login(form, headers));
      await expectInvalidClient(await app.login({ ...form, password: 'wrong horse' }, headers));
    });
    expect(work).toBe(0);
    expect(await sessions()).toHaveLength(before);
  });

  it('is in the row, once it has authenticated', async () => {
    for (const login of [
      await app.login({ client_id: 'shop', client_secret: secret }),
      await app.login({}, basic('shop', secret)),
    ]) {
      expect(login.status).toBe(200);
      expect(await clientOf(login)).toEqual({ client_id: 'shop', client_authenticated: 1 });
    }
  });

  it.each(['shop', 'never registered', '<script>'])(
    'may be the mere label %j, which is shown nowhere but in the row',
    async (client_id) => {
      const response = await app.login({ client_id });
      expect(response.status).toBe(200);
      expect(await clientOf(response)).toEqual({ client_id, client_authenticated: 0 });
      const answer = (await response.json()) as { access_token: string; refresh_token: string };
      expect(Object.keys(readToken(answer.access_token).payload).sort()).toEqual([
        'aud',
        'exp',
        'iat',
        'iss',
        'jti',
        'scope',
        'sid',
        'sub',
        'uid',
      ]);
      const headers = { Authorization: `Bearer ${answer.access_token}` };
      const listed = await fetch(`${app.url}/users/me/sessions`, { headers });
      const renewed = await refresh(app.url, answer.refresh_token);
      const texts = [JSON.stringify(answer), await listed.text(), await renewed.text()];
      expect(texts.join()).not.toContain(client_id);
    },
  );

  it.each(['x'.repeat(65), 'ü', 'a\nb', '\0'])('may not be called %j', async (client_id) => {
    await expectOAuthError(await app.login({ client_id }), 400, 'invalid_request');
  });
});
