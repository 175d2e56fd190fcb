import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { ClientsService } from '../src/clients/clients.service.js';
import { createTestApp, PASSWORD, type TestApp } from './support/create-test-app.js';
import { basic } from './support/oauth.js';

interface Documented {
  headers?: Record<string, unknown>;
  /** An answer without a body has none. */
  content?: Record<string, { example?: object; examples?: Record<string, { value: object }> }>;
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
let credentials: Record<string, string>;

beforeAll(async () => {
  app = await createTestApp({
    ACCESS_TOKEN_EXPIRE_MINUTES: '30',
    ALGORITHM: 'ES256',
    ISSUER: 'http://127.0.0.1:8000',
  });
  await app.createUser({ email: 'alex@example.com', fullName: 'Alex Kasai' });
  await app.createUser({ username: 'dora', disabled: true });
  const { id, secret } = await app.app.get(ClientsService).create('api');
  credentials = basic(id, secret);
  token = await app.accessToken();
});
afterAll(() => app.close());

/** Sends an operation's request, with these headers and this query. */
type Send = (headers?: Record<string, string>, query?: string) => Promise<Response>;
type Requests = Record<string, () => Promise<Response>>;

const send = (path: string, options: RequestInit = {}) => fetch(app.url + path, options);
const encoded = { 'Content-Encoding': 'gzip' };
/** 7 KiB of names and values, which Node lets pass, and 4 bytes more a line. */
const manyHeaders = Object.fromEntries(
  Array.from({ length: 1_150 }, (_, i) => [`x${String(i).padStart(4, '0')}`, 'x']),
);

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
const without = (table: string, request: () => Promise<Response>) =>
  whileDatabase(
    `ALTER TABLE ${table} RENAME TO gone`,
    `ALTER TABLE gone RENAME TO ${table}`,
    request,
  );

/** What every operation refuses. */
const refusals = (path: string, request: Send, ...methods: string[]): Requests => ({
  [`Method not allowed; use ${methods.join(' or ')}`]: () => send(path, { method: 'PUT' }),
  'Send the request without Content-Encoding': () => request(encoded),
  'The header section is too large': () => request(manyHeaders),
});

/** fetch would make one header of the two. */
async function sendTwoTokens(path: string, method: string): Promise<Response> {
  const headers = ['Host', 'x', 'Authorization', 'Bearer a', 'Authorization', 'Bearer b'];
  const sent = request(app.url + path, { method, headers }).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const { statusCode: status, headers: received } = answer;
  return new Response(await text(answer), { status, headers: received as Record<string, string> });
}

/** An operation that needs an access token, and what it refuses. */
function ofUser(path: string, method: string, ...methods: string[]): Requests {
  const request: Send = (headers = {}, query = '') =>
    send(path + query, { method, headers: { Authorization: `Bearer ${token}`, ...headers } });
  const where = (change: string, back: string) => () =>
    whileDatabase(`UPDATE users SET ${change}`, `UPDATE users SET ${back}`, request);
  return {
    ok: request,
    ...refusals(path, request, ...methods),
    'Send one Authorization header': () => sendTwoTokens(path, method),
    'Send the access token in the Authorization header only': () =>
      request({}, `?access_token=${token}`),
    'Not authenticated': () => send(path, { method }),
    'Could not validate token': () => request({ Authorization: 'Bearer x' }),
    'Token is expired! Hit Authorize to receive a new token': async () => {
      app.clock.advance(3600);
      const answer = await request();
      app.clock.advance(-3600);
      return answer;
    },
    'Inactive user': where("disabled = 1 WHERE username = 'alex'", 'disabled = 0 WHERE id = 1'),
    'User not found in token data': where(
      "username = 'bo' WHERE id = 1",
      "username = 'alex' WHERE id = 1",
    ),
    'The database does not answer; try again': () => without('users', request),
  };
}

/** An OAuth endpoint that takes a form. */
function ofForm(path: string, form: Record<string, string>, headers: Record<string, string> = {}) {
  const post = (body: NonNullable<RequestInit['body']>, more: Record<string, string> = {}) =>
    send(path, { method: 'POST', body, headers: { ...headers, ...more } });
  const request: Send = (more = {}) => post(new URLSearchParams(form), more);
  const requests: Requests = {
    ok: request,
    ...refusals(path, request, 'POST'),
    'The request body is too large': () => post(new URLSearchParams({ x: 'a'.repeat(65_536) })),
  };
  const sendForm = (changes: Record<string, string>, more: Record<string, string> = {}) =>
    post(new URLSearchParams({ ...form, ...changes }), more);
  const sendText = (body: string | Buffer) =>
    post(new Uint8Array(Buffer.from(body)), { 'Content-Type': FORM_TYPE });
  return { requests, sendForm, sendText };
}

const FORM_TYPE = 'application/x-www-form-urlencoded';
const wrongSecret = () => basic('api', 'x');

function ofToken(): Requests {
  const { requests, sendForm, sendText } = ofForm('/token', {
    username: 'alex',
    password: PASSWORD,
  });
  return {
    ...requests,
    'The field password is required; send it in the form body': () => sendForm({ password: '' }),
    'Send username once': () => sendText('username=alex&username=alex&password=x'),
    'The form is not valid UTF-8': () => sendText(Buffer.from('username=\xff', 'latin1')),
    'The grant_type must be password, refresh_token or client_credentials': () =>
      sendForm({ grant_type: 'implicit' }),
    'The refresh token is invalid, expired or revoked': () =>
      sendForm({ grant_type: 'refresh_token', refresh_token: 'x' }),
    'The scope is wider than what was granted': () =>
      sendForm({ grant_type: 'refresh_token', refresh_token: 'x', scope: 'admin' }),
    'The scope has characters that RFC 6749 3.3 does not allow': () => sendForm({ scope: 'é' }),
    'Incorrect username or password': () => sendForm({ password: 'wrong' }),
    'Inactive user': () => sendForm({ username: 'dora' }),
    'Incorrect client credentials': () => sendForm({}, wrongSecret()),
    'Client authentication is required': () => sendForm({ grant_type: 'client_credentials' }),
    'The database does not answer; try again': () => without('users', () => sendForm({})),
  };
}

/** An endpoint that is told a token; here by a registered client. */
function ofTokenForm(path: string): Requests {
  const { requests, sendForm, sendText } = ofForm(path, { token }, credentials);
  return {
    ...requests,
    'The field token is required; send it in the form body': () => sendForm({ token: '' }),
    'Send token once': () => sendText('token=x&token=y'),
    'Send the client secret in the Authorization header or in the form, not both': () =>
      sendForm({ client_secret: 'x' }),
    'Client authentication is required': () => sendForm({}, { Authorization: '' }),
    'Incorrect client credentials': () => sendForm({}, wrongSecret()),
    'The database does not answer; try again': () => without('sessions', () => sendForm({})),
  };
}

function ofFeed(): Requests {
  const request: Send = (headers = {}, query = '') =>
    send(`/revocations${query}`, { headers: { ...credentials, ...headers } });
  return {
    ok: async () => {
      const body = new URLSearchParams({ token: await app.accessToken() });
      await send('/revoke', { method: 'POST', body });
      const { cursor } = (await (await request()).json()) as { cursor: string };
      return request({}, `?since=${Number(cursor) - 1}`);
    },
    ...refusals('/revocations', request, 'GET', 'HEAD'),
    'The parameter since must be the cursor of an earlier answer': () => request({}, '?since=x'),
    'The parameter wait must be seconds, at most 25': () => request({}, '?wait=26'),
    'Client authentication is required': () => request({ Authorization: '' }),
    'Incorrect client credentials': () => request(wrongSecret()),
    'The database does not answer; try again': () => without('sessions', request),
  };
}

/** An operation for everybody. */
function ofAll(path: string): Requests {
  const request: Send = (headers = {}) => send(path, { headers });
  return {
    ok: request,
    ...refusals(path, request, 'GET', 'HEAD'),
    'The database does not answer; try again': () => without('users', request),
  };
}

/** Logs out everywhere else first, so that there is just one session. */
async function listOneSession(): Promise<Response> {
  const headers = { Authorization: `Bearer ${token}` };
  await send('/users/me/sessions', { method: 'DELETE', headers });
  return send('/users/me/sessions', { headers: { ...headers, 'User-Agent': 'node' } });
}

/** How to get each documented answer, by operation and detail; `ok` is the success. */
const REQUESTS: Record<string, () => Requests> = {
  'POST /token': ofToken,
  'GET /users/me': () => ofUser('/users/me', 'GET', 'GET', 'HEAD'),
  'GET /users/me/sessions': () => ({
    ...ofUser('/users/me/sessions', 'GET', 'GET', 'HEAD', 'DELETE'),
    ok: listOneSession,
  }),
  'DELETE /users/me/sessions': () => {
    const requests = ofUser('/users/me/sessions', 'DELETE', 'GET', 'HEAD', 'DELETE');
    const withToken = { method: 'DELETE', headers: { Authorization: `Bearer ${token}` } };
    const current = () => send('/users/me/sessions?current=maybe', withToken);
    return { ...requests, 'current: must be true or false': current };
  },
  'DELETE /users/me/sessions/{id}': () => {
    const requests = ofUser('/users/me/sessions/unknown', 'DELETE', 'DELETE');
    return { ...requests, 'You have no such session': requests.ok! };
  },
  'POST /revoke': () => ofTokenForm('/revoke'),
  'POST /introspect': () => ({
    ...ofTokenForm('/introspect'),
    ok: async () => {
      const body = new URLSearchParams({ token: await app.accessToken({ client_id: 'web' }) });
      return send('/introspect', { method: 'POST', body, headers: credentials });
    },
  }),
  'GET /revocations': ofFeed,
  'GET /.well-known/jwks.json': () => ofAll('/.well-known/jwks.json'),
  'GET /.well-known/oauth-authorization-server': () =>
    ofAll('/.well-known/oauth-authorization-server'),
  'GET /health/live': () => ofAll('/health/live'),
  'GET /health/ready': () => ofAll('/health/ready'),
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
    Object.entries(content ?? {}).flatMap(([type, { example, examples = {} }]) => {
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
    expect(await (await send('/openapi.json')).json()).toEqual(committed);
  });

  it('has the version of the package', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    expect(committed.info.version).toBe(version);
  });

  it.each(operations)('has a summary, and an example of every answer of $name', ({ operation }) => {
    expect(operation.summary).toBeTruthy();
    for (const { content } of Object.values(operation.responses)) {
      for (const { example, examples } of Object.values(content ?? {})) {
        expect(example ?? examples).toBeTruthy();
      }
    }
  });
});

const VARYING = new Set([
  ...['request_id', 'access_token', 'refresh_token', 'id', 'sid', 'jti', 'cursor'],
  ...['kid', 'x', 'y'],
]);

describe('an example in the description', () => {
  const provoked = examples.filter(({ detail }) => !NOT_PROVOKED.includes(detail));

  it.each(provoked)('is true: $name, $status, $detail', async (documented) => {
    const { name, detail, status, type, headers, value } = documented;
    const answer = await REQUESTS[name]!()[detail]!();
    const body: unknown = await answer.json();
    expect({ status: answer.status, body }).toEqual({ status, body: loosely(value) });
    expect(answer.headers.get('content-type')?.split(';')[0]).toBe(type);
    for (const header of headers) expect(answer.headers.has(header)).toBe(true);
  });
});

/** The example, but any text for what differs from answer to answer. */
function loosely(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(loosely);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      VARYING.has(name) ? expect.any(String) : loosely(member),
    ]),
  );
}
