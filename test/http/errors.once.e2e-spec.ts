import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { SessionsService } from '../../src/sessions/sessions.service.js';
import { UsersService } from '../../src/users/users.service.js';
import { createTestApp, type TestApp } from '../support/create-test-app.js';
import { expectOAuthError, expectProblem } from '../support/expect-errors.js';
import { sendRaw } from '../support/raw-http.js';
import { requestRaw } from '../support/raw-response.js';
import { withoutUsersTable } from '../support/sql.js';

const NOT_FOUND = { status: 404, title: 'Not Found', code: 'not_found', detail: 'Not Found' };
const UNSUPPORTED = {
  status: 415,
  title: 'Unsupported Media Type',
  code: 'unsupported_media_type',
  detail: 'Send the request without Content-Encoding',
};

describe('Errors', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp();
    await app.createUser();
  });
  afterAll(() => app.close());

  const raw = (requestLine: string, ...lines: string[]) =>
    requestRaw(app, [`${requestLine} HTTP/1.1`, ...lines]);

  it.each([
    '/',
    '/nothing',
    '/user',
    '/user/',
    '/users/you',
    '/users/me/x',
    '/token/x',
    '/health',
    '/TOKEN',
    '/Token',
    '/Users/me',
    '/users/ME',
    '/users/Me/',
    '/Health/live',
    '/DOCS',
    '/OpenAPI.json',
    '//token',
    '//users/me',
    '/users//me',
    '/token//',
    '/users/me//',
    '/./token',
    '/x/../token',
    '/users/%6De',
    '/%74oken',
    '/token%2F',
    '/users%2Fme',
    '/%',
    '/%zz',
    '/users/%ff',
    '/users/me/sessions/%ff',
    '/token;x',
    '/token.json',
    '/docs/../package.json',
    '/docs/..%2f..%2fpackage.json',
    '/docs/%00',
    '/docs/nothing',
  ])('answer %s as an unknown path, to GET and POST', async (path) => {
    await expectProblem(await raw(`GET ${path}`), NOT_FOUND);
    await expectProblem(await raw(`POST ${path}`, 'Content-Length: 0'), NOT_FOUND);
  });

  it('answer an unknown path the same with a token', async () => {
    const headers = { Authorization: `Bearer ${await app.accessToken()}` };
    await expectProblem(await fetch(`${app.url}/nothing`, { headers }), NOT_FOUND);
  });

  it.each(['/users/me', '/token', '/health/live', '/health/ready', '/docs', '/openapi.json'])(
    'never stand for one trailing slash, nor does a redirect: %s/',
    async (path) => {
      const [without, within] = await Promise.all(
        [path, `${path}/`].map((url) => fetch(app.url + url, { redirect: 'manual' })),
      );
      expect(within!.status).toBe(without!.status);
      expect([200, 401, 405]).toContain(within!.status);
    },
  );

  it('have a request id each', async () => {
    const ids = await Promise.all(
      [1, 2].map(async () => (await fetch(`${app.url}/nothing`)).headers.get('x-request-id')),
    );
    expect(ids[0]).not.toBe(ids[1]);
    const chosen = await fetch(`${app.url}/nothing`, { headers: { 'X-Request-Id': 'mine' } });
    expect(chosen.headers.get('x-request-id')).not.toBe('mine');
  });

  it.each(['/users/me', '/users/me/', '/nothing', '/health/live', '/docs', '/openapi.json'])(
    'answer 415 to a Content-Encoding at %s',
    async (path) => {
      for (const encoding of ['gzip', 'x, identity']) {
        const response = await raw(`GET ${path}`, `Content-Encoding: ${encoding}`);
        await expectProblem(response, UNSUPPORTED);
      }
    },
  );

  it('answer 431 to a header section over 8 KiB, and not to one below', async () => {
    const header = (size: number) => `X-Long: ${'x'.repeat(size)}`;
    expect((await raw('GET /health/live', header(7 * 1024))).status).toBe(200);
    expect((await raw('GET /health/live', header(8 * 1024))).status).toBe(431);
    const many = Array.from({ length: 600 }, (_, i) => `X-${i}: some value`);
    expect((await raw('GET /health/live', ...many)).status).toBe(431);
    // 7 KiB of names and values, which is all that Node counts, and 4 more bytes per line.
    const short = Array.from({ length: 1_200 }, (_, i) => `${String(i).padStart(4, '0')}: x`);
    expect((await raw('GET /health/live', ...short)).status).toBe(431);
    expect((await raw(`GET /health/live?${'x'.repeat(8 * 1024)}`)).status).toBe(431);
  });

  it('do not drop one of many small headers', async () => {
    const good = `Authorization: Bearer ${await app.accessToken()}`;
    const many = Array.from({ length: 700 }, (_, i) => `a${i % 10}:`);
    expect((await raw('GET /users/me', ...many, good)).status).toBe(200);
  });

  describe('of the service itself', () => {
    const SECRET = 'SELECT hashed_password FROM /srv/users.db';
    const INTERNAL = {
      status: 500,
      title: 'Internal Server Error',
      code: 'internal_error',
      detail: 'Internal error',
    };

    let token: string;

    beforeAll(async () => {
      token = await app.accessToken();
      const broken = () => Promise.reject(new Error(SECRET));
      jest.spyOn(app.app.get(UsersService), 'findByUsername').mockImplementation(broken);
      jest.spyOn(app.app.get(SessionsService), 'findCaller').mockImplementation(broken);
    });
    afterAll(() => {
      jest.restoreAllMocks();
    });

    it('reveal nothing about the cause', async () => {
      await expectProblem(await app.readProfile(token), INTERNAL);
      const description = await expectOAuthError(await app.login(), 500, 'server_error');
      expect(description).toBe('Internal error');
    });
  });

  it('have no stack, SQL, parser text or path in them', async () => {
    const token = await app.accessToken();
    const form = 'Content-Type: application/x-www-form-urlencoded';
    const post = (body: string, ...lines: string[]) =>
      requestRaw(app, ['POST /token HTTP/1.1', ...lines], body);
    const answers = await withoutUsersTable(app, async () => [
      await raw('GET /users/me', `Authorization: Bearer ${token}`),
      await raw('GET /users/me', 'Authorization: Bearer e30.e30.e30'),
      await raw('GET /health/ready'),
      await raw('GET /%zz'),
      await raw('GET /docs/%zz'),
      await post('username=alex&password=x', form, 'Content-Length: 24'),
      await post('%zz', form, 'Content-Length: 3'),
      await post('zz\r\n', form, 'Transfer-Encoding: chunked'),
      await post('{', 'Content-Type: application/json', 'Content-Length: 1'),
      await post('-', 'Content-Type: multipart/form-data; boundary=b', 'Content-Length: 1'),
    ]);
    for (const answer of answers) {
      expect(answer.status).toBeGreaterThanOrEqual(400);
      const text = await answer.text();
      expect(text).not.toMatch(
        /\bat \S+:\d|node:|node_modules|\.[jt]s\b|select|sqlite|error:|users_away|no such/i,
      );
      expect(text).not.toContain(app.folder.path);
    }
  });

  it.each([
    ['an unknown method', 'BREW /token HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['an unknown version', 'GET /token HTTP/9.9\r\nHost: x\r\n\r\n'],
    [
      'two lengths',
      'POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    ],
    [
      'a length and chunks',
      'POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    ],
    ['a control character in a header', 'GET /users/me HTTP/1.1\r\nHost: x\r\nA: \x01\r\n\r\n'],
    ['no Host', 'GET /users/me HTTP/1.1\r\n\r\n'],
  ])('answer 400 to what is not HTTP: %s', async (_, bytes) => {
    expect(await sendRaw(app.port, bytes)).toMatch(/^HTTP\/1\.1 400 /);
  });
});
