import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { createTestApp, PASSWORD, type TestApp } from './support/create-test-app.js';

interface Documented {
  headers?: Record<string, unknown>;
  content: Record<string, { example?: object; examples?: Record<string, { value: object }> }>;
}
interface Operation {
  summary?: string;
  responses: Record<string, Documented>;
}
interface OpenApi {
  info: { version: string };
  paths: Record<string, Record<string, Operation>>;
}

const committed = JSON.parse(await readFile('openapi.json', 'utf8')) as OpenApi;

let app: TestApp;
let token: string;

beforeAll(async () => {
  app = await createTestApp({ ACCESS_TOKEN_EXPIRE_MINUTES: '30' });
  await app.createUser({ email: 'alex@example.com', fullName: 'Alex Kasai' });
  await app.createUser({ username: 'dora', disabled: true });
  token = await app.accessToken();
});
afterAll(() => app.close());

const get = (path: string, options: RequestInit = {}) => fetch(app.url + path, options);
const post = (path: string) => get(path, { method: 'POST' });
const readProfile = (headers: Record<string, string> = {}, query = '') =>
  get(`/users/me${query}`, { headers: { Authorization: `Bearer ${token}`, ...headers } });
const encoded = { 'Content-Encoding': 'gzip' };
/** 7 KiB of names and values, which Node lets pass, and 4 bytes more a line. */
const manyHeaders = Object.fromEntries(
  Array.from({ length: 1_200 }, (_, i) => [`x${String(i).padStart(4, '0')}`, 'x']),
);
const sendForm = (body: string | Buffer) =>
  get('/token', {
    method: 'POST',
    body: new Uint8Array(Buffer.from(body)),
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  });

/** Runs what `change` does to the database around the request, and takes it back. */
async function whileDatabase(change: string, back: string, request: () => Promise<Response>) {
  const database = new BetterSqlite3(app.databasePath);
  database.exec(change);
  try {
    return await request();
  } finally {
    database.exec(back);
    database.close();
  }
}
const withoutTable = (request: () => Promise<Response>) =>
  whileDatabase('ALTER TABLE users RENAME TO gone', 'ALTER TABLE gone RENAME TO users', request);
const where = (change: string, back: string) => () =>
  whileDatabase(`UPDATE users SET ${change}`, `UPDATE users SET ${back}`, () => readProfile());

/** fetch would make one header of the two. */
async function sendTwoTokens(): Promise<Response> {
  const headers = ['Host', 'x', 'Authorization', 'Bearer a', 'Authorization', 'Bearer b'];
  const sent = request(`${app.url}/users/me`, { headers }).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const { statusCode: status, headers: received } = answer;
  return new Response(await text(answer), { status, headers: received as Record<string, string> });
}

/** How to get each documented answer, by operation and detail; `ok` is the success. */
const REQUESTS: Record<string, Record<string, () => Promise<Response>>> = {
  'POST /token': {
    ok: () => app.login(),
    'The field password is required; send it in the form body': () => app.login({ password: '' }),
    'Send username once': () => sendForm('username=alex&username=alex&password=x'),
    'The form is not valid UTF-8': () => sendForm(Buffer.from('username=\xff', 'latin1')),
    'The grant_type must be password': () => app.login({ grant_type: 'refresh_token' }),
    'The scope has characters that RFC 6749 3.3 does not allow': () => app.login({ scope: 'é' }),
    'Incorrect username or password': () => app.login({ password: 'wrong' }),
    'Inactive user': () => app.login({ username: 'dora', password: PASSWORD }),
    'Method not allowed; use POST': () => get('/token'),
    'The request body is too large': () => app.login({ scope: 'a'.repeat(65_536) }),
    'Send the request without Content-Encoding': () => app.login({}, encoded),
    'The header section is too large': () => app.login({}, manyHeaders),
    'The database does not answer; try again': () => withoutTable(() => app.login()),
  },
  'GET /users/me': {
    ok: () => readProfile(),
    'Send one Authorization header': sendTwoTokens,
    'Send the access token in the Authorization header only': () =>
      readProfile({}, `?access_token=${token}`),
    'Not authenticated': () => get('/users/me'),
    'Could not validate token': () => readProfile({ Authorization: 'Bearer x' }),
    'Token is expired! Hit Authorize to receive a new token': async () => {
      app.clock.advance(3600);
      const answer = await readProfile();
      app.clock.advance(-3600);
      return answer;
    },
    'Inactive user': where("disabled = 1 WHERE username = 'alex'", 'disabled = 0 WHERE id = 1'),
    'User not found in token data': where(
      "username = 'bo' WHERE id = 1",
      "username = 'alex' WHERE id = 1",
    ),
    'Method not allowed; use GET or HEAD': () => post('/users/me'),
    'Send the request without Content-Encoding': () => readProfile(encoded),
    'The header section is too large': () => readProfile(manyHeaders),
    'The database does not answer; try again': () => withoutTable(() => readProfile()),
  },
  'GET /health/live': {
    ok: () => get('/health/live'),
    'Send the request without Content-Encoding': () => get('/health/live', { headers: encoded }),
    'The header section is too large': () => get('/health/live', { headers: manyHeaders }),
    'Method not allowed; use GET or HEAD': () => post('/health/live'),
  },
  'GET /health/ready': {
    ok: () => get('/health/ready'),
    'Send the request without Content-Encoding': () => get('/health/ready', { headers: encoded }),
    'The header section is too large': () => get('/health/ready', { headers: manyHeaders }),
    'Method not allowed; use GET or HEAD': () => post('/health/ready'),
    'The database does not answer; try again': () => withoutTable(() => get('/health/ready')),
  },
};

/** Takes more logins at once than a test of the description should make, or a service that is shutting down. */
const NOT_PROVOKED = ['Too many logins at once; try again', 'The service is not ready'];

const operations = Object.entries(committed.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${path}`,
    operation,
  })),
);

const examples = operations.flatMap(({ name, operation }) =>
  Object.entries(operation.responses).flatMap(([status, { headers = {}, content }]) =>
    Object.entries(content).flatMap(([type, { example, examples = {} }]) => {
      const all = example ? { ok: { value: example } } : examples;
      return Object.entries(all).map(([detail, { value }]) => ({
        ...{ name, detail, status: Number(status), type, value },
        headers: Object.keys(headers),
      }));
    }),
  ),
);

describe('openapi.json of the repository', () => {
  it('is what the service serves (if not: npm run openapi)', async () => {
    expect(await (await get('/openapi.json')).json()).toEqual(committed);
  });

  it('has the version of the package', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    expect(committed.info.version).toBe(version);
  });

  it.each(operations)('has a summary, and an example of every answer of $name', ({ operation }) => {
    expect(operation.summary).toBeTruthy();
    for (const { content } of Object.values(operation.responses)) {
      for (const { example, examples } of Object.values(content)) {
        expect(example ?? examples).toBeTruthy();
      }
    }
  });
});

describe('an example in the description', () => {
  const provoked = examples.filter(({ detail }) => !NOT_PROVOKED.includes(detail));

  it.each(provoked)('is true: $name, $status, $detail', async (documented) => {
    const { name, detail, status, type, headers, value } = documented;
    const answer = await REQUESTS[name]![detail]!();
    const body = (await answer.json()) as Record<string, unknown>;
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')?.split(';')[0]).toBe(type);
    for (const header of headers) expect(answer.headers.has(header)).toBe(true);
    const varying = { request_id: expect.any(String), access_token: expect.any(String) };
    for (const [member, pattern] of Object.entries(varying)) {
      if (member in value) Object.assign(value, { [member]: pattern });
    }
    expect(body).toEqual(value);
  });
});
