import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AccountsService } from '../../src/accounts/accounts.service.js';
import { UsersService } from '../../src/users/users.service.js';
import { createTestApp, type TestApp } from '../support/create-test-app.js';
import { expectMethods, expectProblem } from '../support/expect-errors.js';
import { TokenForge } from '../support/forge-token.js';
import { requestRaw } from '../support/raw-response.js';
import { sql, withoutUsersTable } from '../support/sql.js';

const INVALID = {
  challenge: 'Bearer error="invalid_token", error_description="The access token is invalid"',
  problem: {
    status: 401,
    title: 'Unauthorized',
    code: 'invalid_token',
    detail: 'Could not validate token',
  },
};
const EXPIRED = {
  challenge: 'Bearer error="invalid_token", error_description="The access token expired"',
  problem: { ...INVALID.problem, detail: 'Token is expired! Hit Authorize to receive a new token' },
};
const INACTIVE = {
  challenge: 'Bearer error="invalid_token", error_description="The user is inactive"',
  problem: { ...INVALID.problem, detail: 'Inactive user' },
};
const MISSING = {
  challenge: 'Bearer',
  problem: { ...INVALID.problem, code: 'not_authenticated', detail: 'Not authenticated' },
};
const GONE = {
  challenge: 'Bearer',
  problem: {
    status: 404,
    title: 'Not Found',
    code: 'user_not_found',
    detail: 'User not found in token data',
  },
};
const twice = (detail: string) => ({
  challenge: `Bearer error="invalid_request", error_description="${detail}"`,
  problem: { status: 400, title: 'Bad Request', code: 'invalid_request', detail },
});
const TWO_HEADERS = twice('Send one Authorization header');
const TWO_PLACES = twice('Send the access token in the Authorization header only');

async function expectRefusal(
  response: Response | Promise<Response>,
  { challenge, problem }: typeof INVALID,
): Promise<void> {
  const answer = await response;
  expect(answer.headers.get('www-authenticate')).toBe(challenge);
  await expectProblem(answer, problem);
}

describe('GET /users/me', () => {
  let app: TestApp;
  let users: UsersService;
  let accounts: AccountsService;
  let token: string;

  beforeAll(async () => {
    app = await createTestApp();
    users = app.app.get(UsersService);
    accounts = app.app.get(AccountsService);
    await app.createUser({ email: 'alex@example.com', fullName: 'Alex Kasai' });
    token = await app.accessToken();
  });
  afterAll(() => app.close());

  const get = (headers: Record<string, string> = {}, path = '/users/me', method = 'GET') =>
    fetch(`${app.url}${path}`, { headers, method, redirect: 'manual' });
  const bearer = () => ({ Authorization: `Bearer ${token}` });

  /** A user of one test alone, with a token. */
  const newcomer = async (username: string) => {
    await app.createUser({ username });
    return app.accessToken({ username });
  };

  it.each(['/users/me', '/users/me/', '/users/me?x=1'])(
    'answers the profile at %s',
    async (path) => {
      const response = await get(bearer(), path);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.has('etag')).toBe(false);
      expect(response.headers.has('x-powered-by')).toBe(false);
      expect(await response.text()).toBe(
        '{"user data":{"username":"alex","email":"alex@example.com","full_name":"Alex Kasai","disabled":false}}',
      );
    },
  );

  it('leaves null as null, and treats null as not disabled', async () => {
    const unset = await newcomer('unset');
    await sql(app, `UPDATE users SET disabled = NULL WHERE username = 'unset'`);
    expect(await (await app.readProfile(unset)).text()).toBe(
      '{"user data":{"username":"unset","email":null,"full_name":null,"disabled":null}}',
    );
  });

  it('answers HEAD as GET, without the body', async () => {
    const response = await get(bearer(), '/users/me', 'HEAD');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await response.text()).toBe('');
    expect((await get({}, '/users/me', 'HEAD')).status).toBe(401);
  });

  describe('the Authorization header', () => {
    it.each(['Bearer ', 'bearer ', 'BEARER ', 'bEaReR ', 'Bearer   '])(
      'may begin with %j',
      async (scheme) => {
        expect((await get({ Authorization: scheme + token })).status).toBe(200);
      },
    );

    it.each([
      '',
      'Basic YWxleDp4',
      'Token x',
      'Bearerx',
      'Bearer:x',
      'BearerToken x',
      'Digest a="b"',
    ])('of another scheme counts as missing: %j', async (Authorization) =>
      expectRefusal(get({ Authorization }), MISSING),
    );

    it('of another scheme counts as missing even with a token in it', async () => {
      await expectRefusal(get({ Authorization: token }), MISSING);
      await expectRefusal(get({ Authorization: `Basic ${token}` }), MISSING);
    });

    it.each([
      'Bearer',
      'Bearer ',
      'Bearer x y',
      'Bearer x,y',
      'Bearer "x"',
      'Bearer =',
      'Bearer x=y',
      'Bearer ü',
    ])('is invalid with nothing, or with more than a token: %j', async (Authorization) =>
      expectRefusal(get({ Authorization }), INVALID),
    );

    it('is invalid with a valid token and more', async () => {
      for (const more of [' x', ',', ' Bearer x', '=', ' =']) {
        await expectRefusal(get({ Authorization: `Bearer ${token}${more}` }), INVALID);
      }
    });

    it('must not be repeated', async () => {
      const good = `Authorization: Bearer ${token}`;
      for (const other of [good, 'authorization: Basic eDp5', 'AUTHORIZATION:']) {
        const request = (lines: string[]) => requestRaw(app, ['GET /users/me HTTP/1.1', ...lines]);
        await expectRefusal(request([good, other]), TWO_HEADERS);
        await expectRefusal(request([other, good]), TWO_HEADERS);
      }
    });
  });

  describe('a token anywhere else', () => {
    it('counts as missing', async () => {
      await expectRefusal(get(), MISSING);
      await expectRefusal(get({}, `/users/me?access_token=${token}`), MISSING);
      await expectRefusal(get({ Cookie: `access_token=${token}; token=${token}` }), MISSING);
      await expectRefusal(get({ 'X-Access-Token': token }), MISSING);
    });

    it('is refused in addition to the header', async () => {
      await expectRefusal(get(bearer(), `/users/me?access_token=${token}`), TWO_PLACES);
      await expectRefusal(get(bearer(), '/users/me/?a=b&%61ccess_token='), TWO_PLACES);
    });
  });

  it('distinguishes an expired token from an invalid one', async () => {
    const forge = new TokenForge(app);
    await expectRefusal(app.readProfile(forge.make({ claims: { exp: forge.now - 6 } })), EXPIRED);
    await expectRefusal(app.readProfile(forge.make({ key: 'another' })), INVALID);
  });

  describe('with the same token, after a change', () => {
    it('of the profile, answers the new one', async () => {
      const changing = await newcomer('changing');
      expect((await app.readProfile(changing)).status).toBe(200);
      await sql(app, `UPDATE users SET email = 'new@example.com' WHERE username = 'changing'`);
      expect(await (await app.readProfile(changing)).json()).toMatchObject({
        'user data': { email: 'new@example.com' },
      });
    });

    it('to disabled, refuses, and still does once the user is enabled again', async () => {
      const idle = await newcomer('idle');
      await accounts.disable('idle');
      await expectRefusal(app.readProfile(idle), INACTIVE);
      await users.enable('idle');
      await expectRefusal(app.readProfile(idle), INVALID);
      const fresh = await app.accessToken({ username: 'idle' });
      expect((await app.readProfile(fresh)).status).toBe(200);
    });

    it('of the name, finds nobody', async () => {
      const renamed = await newcomer('before');
      await sql(app, `UPDATE users SET username = 'after' WHERE username = 'before'`);
      await expectRefusal(app.readProfile(renamed), GONE);
    });

    it('of the owner of the name, finds nobody, and neither does the new owner of the old id', async () => {
      const old = await newcomer('reborn');
      await accounts.delete('reborn');
      await expectRefusal(app.readProfile(old), GONE);
      const fresh = await newcomer('reborn');
      await expectRefusal(app.readProfile(old), GONE);
      expect((await app.readProfile(fresh)).status).toBe(200);
    });
  });

  it.each([['another'], ['01'], ['1.0'], [' 1'], ['1e0']])(
    'finds nobody for a token with the uid %j',
    async (uid) => {
      const forge = new TokenForge(app, uid);
      await expectRefusal(app.readProfile(forge.make()), GONE);
    },
  );

  it('answers 503 with Retry-After, never 401, while the database does not answer', async () => {
    const response = await withoutUsersTable(app, () => app.readProfile(token));
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(response.headers.has('www-authenticate')).toBe(false);
    await expectProblem(response, {
      status: 503,
      title: 'Service Unavailable',
      code: 'temporarily_unavailable',
      detail: 'The database does not answer; try again',
    });
    expect((await app.readProfile(token)).status).toBe(200);
  });

  it.each(['POST', 'PUT', 'OPTIONS'])(
    'answers %s with 405 and the methods to use, even without a token',
    async (method) => {
      for (const path of ['/users/me', '/users/me/']) {
        const response = await get({}, path, method);
        await expectMethods(response, 'GET', 'HEAD', 'PATCH', 'DELETE');
      }
    },
  );
});
