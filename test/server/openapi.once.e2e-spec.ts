import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClientsService } from '../../src/clients/clients.service.js';
import { ADMINISTRATOR, makeUser } from '../support/admin.js';
import { RegistrationSettings } from '../../src/config/settings.js';
import { OneTimeTokensService } from '../../src/one-time-tokens/one-time-tokens.service.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/create-test-app.js';
import { basic } from '../support/oauth.js';
import { openSession } from '../support/sessions.js';
import { sql } from '../support/sql.js';

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
let rootToken: string;

beforeAll(async () => {
  app = await createTestApp({
    ACCESS_TOKEN_EXPIRE_MINUTES: '30',
    ALGORITHM: 'ES256',
    ISSUER: 'http://127.0.0.1:8000',
  });
  await app.createUser({ email: 'alex@example.com', fullName: 'Alex Kasai' });
  await app.createUser({ username: 'dora', email: 'dora@example.com', disabled: true });
  await makeUser(app, 'root', ADMINISTRATOR);
  const { id, secret } = await app.app.get(ClientsService).create('api');
  credentials = basic(id, secret);
  token = await app.accessToken();
  rootToken = await app.accessToken({ username: 'root' });
});
afterAll(() => app.close());

/** Sends an operation's request, with these headers and this query. */
type Send = (headers?: Record<string, string>, query?: string) => Promise<Response>;
type Requests = Record<string, () => Promise<Response>>;

const send = (path: string, options: RequestInit = {}) => fetch(app.url + path, options);
const encoded = { 'Content-Encoding': 'gzip' };
/** 7 KiB of names and values, which Node lets pass, and 4 more bytes per line. */
const manyHeaders = Object.fromEntries(
  Array.from({ length: 1_150 }, (_, i) => [`x${String(i).padStart(4, '0')}`, 'x']),
);

/** Applies `change` to the database around the request, and reverts it. */
async function whileDatabase(change: string, back: string, request: () => Promise<Response>) {
  await sql(app, change);
  try {
    return await request();
  } finally {
    await sql(app, back);
  }
}
const without = (table: string, request: () => Promise<Response>) =>
  whileDatabase(
    `ALTER TABLE ${table} RENAME TO gone`,
    `ALTER TABLE gone RENAME TO ${table}`,
    request,
  );

/** The same for another one inside. */
const without2 = (table: string, request: () => Promise<Response>) =>
  whileDatabase(
    `ALTER TABLE ${table} RENAME TO gone_too`,
    `ALTER TABLE gone_too RENAME TO ${table}`,
    request,
  );

/** With more wrong passwords than anyone may have. */
const whileThrottled = (request: () => Promise<Response>) =>
  whileDatabase(
    `UPDATE attempt_counters SET points = 1000, expire = ${app.clock.now() + 300_000}`,
    'UPDATE attempt_counters SET points = 0',
    request,
  );

/** What every operation refuses. */
const refusals = (path: string, request: Send, ...methods: string[]): Requests => ({
  [`Method not allowed; use ${methods.join(' or ')}`]: () => send(path, { method: 'PUT' }),
  'Send the request without Content-Encoding': () => request(encoded),
  'The header section is too large': () => request(manyHeaders),
});

/** fetch would merge the two headers. */
async function sendTwoTokens(path: string, method: string): Promise<Response> {
  const headers = ['Host', 'x', 'Authorization', 'Bearer a', 'Authorization', 'Bearer b'];
  const sent = request(app.url + path, { method, headers }).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const { statusCode: status, headers: received } = answer;
  return new Response(await text(answer), { status, headers: received as Record<string, string> });
}

const ALEX = { id: 1, username: 'alex', tokenOf: () => token };
const ROOT = { id: 3, username: 'root', tokenOf: () => rootToken };

/** An operation that needs an access token, and what it refuses. */
function ofUser(path: string, method: string, ...methods: string[]): Requests {
  return withToken(path, method, methods, ALEX);
}

function withToken(
  path: string,
  method: string,
  methods: string[],
  { id, username, tokenOf }: typeof ALEX,
  body?: object,
): Requests {
  const json = body && { 'Content-Type': 'application/json' };
  const request: Send = (headers = {}, query = '') =>
    send(path + query, {
      method,
      headers: { Authorization: `Bearer ${tokenOf()}`, ...json, ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
  const where = (change: string, back: string) => () =>
    whileDatabase(`UPDATE users SET ${change}`, `UPDATE users SET ${back}`, request);
  return {
    ok: request,
    ...refusals(path, request, ...methods),
    'Send one Authorization header': () => sendTwoTokens(path, method),
    'Send the access token in the Authorization header only': () =>
      request({}, `?access_token=${tokenOf()}`),
    'Not authenticated': () => send(path, { method }),
    'Could not validate token': () => request({ Authorization: 'Bearer x' }),
    'Token is expired! Hit Authorize to receive a new token': async () => {
      app.clock.advance(3600);
      const answer = await request();
      app.clock.advance(-3600);
      return answer;
    },
    'Inactive user': where(`disabled = TRUE WHERE id = ${id}`, `disabled = FALSE WHERE id = ${id}`),
    'User not found in token data': where(
      `username = 'bo' WHERE id = ${id}`,
      `username = '${username}' WHERE id = ${id}`,
    ),
    'The database does not answer; try again': () => without('users', request),
  };
}

/** An operation of administrators, and what it refuses. @param body if it takes one */
function ofAdmin(path: string, method: string, methods: string[], body?: object): Requests {
  const scope = method === 'GET' ? 'users:read' : 'users:write';
  const requests = withToken(path, method, methods, ROOT, body);
  const request = (sent: NonNullable<RequestInit['body']>, more: Record<string, string> = {}) => {
    const headers = { Authorization: `Bearer ${rootToken}`, 'Content-Type': 'application/json' };
    return send(path, { method, body: sent, headers: { ...headers, ...more } });
  };
  const other = (changes: object) => () => request(JSON.stringify({ ...body, ...changes }));
  return {
    ...requests,
    [`The access token needs the scope ${scope}`]: () =>
      send(path, { method, headers: { Authorization: `Bearer ${token}` } }),
    'There is no such user': () => {
      const headers = { Authorization: `Bearer ${rootToken}`, 'Content-Type': 'application/json' };
      const nobody = path.replace('/1', '/999');
      return send(nobody, { method, headers, ...(body && { body: '{}' }) });
    },
    'That takes a scope that your own token does not have': () =>
      whileDatabase(
        "UPDATE users SET scopes = 'reports' WHERE id = 1",
        'UPDATE users SET scopes = NULL WHERE id = 1',
        body ? other({ scopes: ['reports', 'x'] }) : requests.ok!,
      ),
    ...jsonRefusals(request),
    'password: unknown field': other({ password: PASSWORD }),
    'There is a user "alex" already': other({ username: 'alex', email: 'x@example.com' }),
    'There is a user with the e-mail address "dora@example.com" already': other({
      ...(method === 'POST' && { username: 'somebody' }),
      email: 'dora@example.com',
    }),
    'No user who can log in would be left with the scope users:write': () =>
      send('/admin/users/3', {
        method,
        headers: { Authorization: `Bearer ${rootToken}`, 'Content-Type': 'application/json' },
        ...(body && { body: '{"disabled":true}' }),
      }),
  };
}

/** What everything that takes JSON refuses. */
function jsonRefusals(
  request: (
    sent: NonNullable<RequestInit['body']>,
    more?: Record<string, string>,
  ) => Promise<Response>,
): Requests {
  return {
    'The body is not valid UTF-8': () => request(Buffer.from('{"a":"\xff"}', 'latin1')),
    'The body is not valid JSON': () => request('{'),
    'The body must be a JSON object': () => request('[]'),
    'The request body is too large': () => request(' '.repeat(65_537)),
    'Send the body as application/json, in UTF-8': () =>
      request('{}', { 'Content-Type': 'text/plain' }),
  };
}

const all = (requests: Requests[]): Requests =>
  Object.fromEntries(requests.flatMap((one) => Object.entries(one)));

/** The refusals of a body that lacks a field, or has one too many. */
const withField = (send: (body: object) => Promise<Response>, body: Record<string, unknown>) => ({
  lacking: (field: string): Requests => ({
    [`${field}: is required`]: () => send({ ...body, [field]: undefined }),
  }),
  unknown: (field: string): Requests => ({
    [`${field}: unknown field`]: () => send({ ...body, [field]: 'x' }),
  }),
});

/** An operation of users on their own account. @param field one that the body lacks */
function ofAccount(
  path: string,
  method: string,
  methods: string[],
  body: Record<string, unknown>,
): { requests: Requests; sendJson: (changes: object) => Promise<Response> } {
  const request = (sent: NonNullable<RequestInit['body']>, more: Record<string, string> = {}) => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    return send(path, { method, body: sent, headers: { ...headers, ...more } });
  };
  const sendJson = (changes: object) => request(JSON.stringify({ ...body, ...changes }));
  const { lacking, unknown } = withField(sendJson, body);
  const requests = {
    ...withToken(path, method, methods, ALEX, body),
    ...jsonRefusals(request),
    ...all(Object.keys(body).map(lacking)),
    ...unknown('username'),
    'Too many attempts; try again later': () => whileThrottled(() => sendJson({})),
    'The password is incorrect': () =>
      sendJson('password' in body ? { password: 'wrong' } : { current_password: 'wrong' }),
  };
  return { requests, sendJson };
}

/** A public operation that takes JSON. */
function ofOpen(path: string, body: Record<string, unknown>) {
  const request = (sent: NonNullable<RequestInit['body']>, more: Record<string, string> = {}) =>
    send(path, {
      method: 'POST',
      body: sent,
      headers: { 'Content-Type': 'application/json', ...more },
    });
  const sendJson = (changes: object) => request(JSON.stringify({ ...body, ...changes }));
  const { lacking, unknown } = withField(sendJson, body);
  const requests: Requests = {
    ok: () => sendJson({}),
    ...refusals(path, (headers) => request(JSON.stringify(body), headers), 'POST'),
    ...jsonRefusals(request),
    ...all(Object.keys(body).map(lacking)),
    ...unknown('disabled'),
    'email: must be an address such as alex@example.com': () => sendJson({ email: 'nobody' }),
    'The link is invalid: it was used, has expired, or there is a newer one': () => sendJson({}),
    'The database does not answer; try again': () =>
      without('outgoing_mails', () => without2('one_time_tokens', () => sendJson({}))),
  };
  return { requests, sendJson };
}

/** The same with other settings. */
async function whileSet(settings: Partial<RegistrationSettings>, request: () => Promise<Response>) {
  const own = app.app.get(RegistrationSettings);
  const before = Object.fromEntries(Object.entries(own));
  Object.assign(own, settings);
  try {
    return await request();
  } finally {
    Object.assign(own, before);
  }
}

function ofRegistration(): Requests {
  const kim = {
    username: 'kim',
    password: 'a quiet horse',
    email: 'kim@example.com',
    full_name: 'Kim Doe',
  };
  const { requests, sendJson } = ofOpen('/users', kim);
  const lina = { username: 'lina', email: 'lina@example.com' };
  return {
    ...requests,
    'It has to be verified': () => whileSet({ isVerificationRequired: true }, () => sendJson(lina)),
    'username: is required; password: is required': () =>
      sendJson({ username: undefined, password: undefined }),
    'username: is reserved': () => sendJson({ username: 'Admin' }),
    'password: is one of the most common passwords': () => sendJson({ password: 'password1' }),
    'Sign-up is closed; ask for an account': () =>
      whileSet({ registration: 'closed' }, () => sendJson({})),
    'Signing up needs an invitation that has not been used': () =>
      whileSet({ registration: 'invite' }, () => sendJson({ username: 'lee' })),
    'There is a user "alex" already': () => sendJson({ username: 'alex' }),
    'There is a user with the e-mail address "alex@example.com" already': () =>
      sendJson({ username: 'lee', email: 'alex@example.com' }),
    'The database does not answer; try again': () => without('users', () => sendJson({})),
  };
}

/** A link for another user to an address that is not theirs. */
async function confirmTaken(): Promise<Response> {
  const tokens = app.app.get(OneTimeTokensService);
  const link = await tokens.issue('change_email', 3, 'alex@example.com');
  return ofOpen('/email-verification/confirm', { token: link }).sendJson({});
}

/** A new password for another user, which is too short. */
async function resetTooShort(): Promise<Response> {
  const link = await app.app.get(OneTimeTokensService).issue('reset_password', 3, null);
  return ofOpen('/password-reset/confirm', { token: link, new_password: 'short' }).sendJson({});
}

/** Only one session: of a user who is made for it. */
async function exportSam(): Promise<Response> {
  await app.createUser({ username: 'sam', email: 'sam@example.com', fullName: 'Sam Reed' });
  const login = await app.login({ username: 'sam' }, { 'User-Agent': 'node' });
  const { access_token } = (await login.json()) as { access_token: string };
  return send('/users/me/export', { headers: { Authorization: `Bearer ${access_token}` } });
}

const newPassword = { current_password: PASSWORD, new_password: PASSWORD };

const ACCOUNT_REQUESTS: Record<string, () => Requests> = {
  'POST /users': ofRegistration,
  'PATCH /users/me': () =>
    ofAccount('/users/me', 'PATCH', USER, { full_name: 'Alex Kasai' }).requests,
  'DELETE /users/me': () => {
    const { requests, sendJson } = ofAccount('/users/me', 'DELETE', USER, { password: PASSWORD });
    const whileLast = () =>
      whileDatabase(
        "UPDATE users SET scopes = CASE id WHEN 1 THEN 'users:write' END",
        `UPDATE users SET scopes = CASE id WHEN 3 THEN '${ADMINISTRATOR.join(' ')}' END`,
        () => sendJson({}),
      );
    return {
      ...requests,
      'No user who can log in would be left with the scope users:write': whileLast,
    };
  },
  'POST /users/me/password': () =>
    ofAccount('/users/me/password', 'POST', ['POST'], newPassword).requests,
  'POST /users/me/email': () =>
    ofAccount('/users/me/email', 'POST', ['POST'], {
      email: 'alex@example.org',
      password: PASSWORD,
    }).requests,
  'GET /users/me/export': () => ({
    ...ofUser('/users/me/export', 'GET', 'GET', 'HEAD'),
    ok: exportSam,
  }),
  'POST /password-reset': () => ofOpen('/password-reset', { email: 'alex@example.com' }).requests,
  'POST /password-reset/confirm': () => ({
    ...ofOpen('/password-reset/confirm', { token: 'x', new_password: PASSWORD }).requests,
    'new_password: must have at least 8 characters': resetTooShort,
  }),
  'POST /email-verification': () =>
    ofOpen('/email-verification', { email: 'alex@example.com' }).requests,
  'POST /email-verification/confirm': () => ({
    ...ofOpen('/email-verification/confirm', { token: 'x' }).requests,
    'There is a user with the e-mail address "alex@example.com" already': confirmTaken,
  }),
};

const USERS = ['GET', 'HEAD', 'POST'];
const USER = ['GET', 'HEAD', 'PATCH', 'DELETE'];

function ofUserList(): Requests {
  const list = (query: string) => () =>
    send(`/admin/users?${query}`, { headers: { Authorization: `Bearer ${rootToken}` } });
  return {
    ...ofAdmin('/admin/users', 'GET', USERS),
    ok: list('limit=1'),
    'limit: must be a number from 1 to 200': list('limit=201'),
    'cursor: must be the next_cursor of the same list': list('cursor=x'),
    'username_prefix: must have 1 to 64 characters, without control characters':
      list('username_prefix='),
    'email_prefix: must have 1 to 254 characters, without control characters':
      list('email_prefix='),
    'email_prefix: must not be combined with username_prefix': list(
      'username_prefix=a&email_prefix=a',
    ),
    'disabled: must be true or false': list('disabled=maybe'),
    'disabled: must not be repeated': list('disabled=true&disabled=true'),
    'scope: must be one scope': list('scope=a+b'),
    'page: unknown parameter': list('page=2'),
  };
}

/** Changes the user, and back. */
function ofUserChange(): Requests {
  const requests = ofAdmin('/admin/users/1', 'PATCH', USER, {
    full_name: 'Alex K.',
    disabled: false,
  });
  const back = "UPDATE users SET full_name = 'Alex Kasai' WHERE id = 1";
  return { ...requests, ok: () => whileDatabase('SELECT 1', back, requests.ok!) };
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
    'The scope is wider than what was granted': async () => {
      const { refresh_token } = await openSession(app.url);
      return sendForm({ grant_type: 'refresh_token', refresh_token, scope: 'admin' });
    },
    'The scope has characters that RFC 6749 3.3 does not allow': () => sendForm({ scope: 'é' }),
    'Incorrect username or password': () => sendForm({ password: 'wrong' }),
    'Too many attempts; try again later': () => whileThrottled(() => sendForm({})),
    'Inactive user': () => sendForm({ username: 'dora' }),
    'E-mail address not verified': () =>
      whileDatabase(
        'UPDATE users SET pending_until = 1 WHERE id = 1',
        'UPDATE users SET pending_until = NULL WHERE id = 1',
        () => sendForm({}),
      ),
    'Incorrect client credentials': () => sendForm({}, wrongSecret()),
    'Client authentication is required': () => sendForm({ grant_type: 'client_credentials' }),
    'The database does not answer; try again': () => without('users', () => sendForm({})),
  };
}

/** An endpoint that takes a token; here from a registered client. */
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

/** A public operation. */
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
  'GET /users/me': () => ofUser('/users/me', 'GET', ...USER),
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
  ...ACCOUNT_REQUESTS,
  'GET /admin/users': ofUserList,
  'GET /admin/users/{id}': () => ofAdmin('/admin/users/1', 'GET', USER),
  'POST /admin/users': () =>
    ofAdmin('/admin/users', 'POST', USERS, {
      username: 'mary',
      email: 'mary@example.com',
      full_name: 'Mary Stone',
      scopes: ['users:read'],
    }),
  'PATCH /admin/users/{id}': ofUserChange,
  'DELETE /admin/users/{id}': () => ofAdmin('/admin/users/1', 'DELETE', USER),
  'DELETE /admin/users/{id}/sessions': () =>
    ofAdmin('/admin/users/1/sessions', 'DELETE', ['DELETE']),
  'POST /admin/users/{id}/password-reset': () => ({
    ...ofAdmin('/admin/users/1/password-reset', 'POST', ['POST']),
    'The user has no e-mail address that it could be sent to': () =>
      send('/admin/users/3/password-reset', {
        method: 'POST',
        headers: { Authorization: `Bearer ${rootToken}` },
      }),
  }),
  'POST /admin/invitations': () => ofAdmin('/admin/invitations', 'POST', ['POST']),
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

/** Needs more concurrent logins than a test of the description should make, or a service that is shutting down. */
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
  ...['kid', 'x', 'y', 'invitation'],
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

/** The example, with any text for what differs from answer to answer. */
function loosely(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(loosely);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      VARYING.has(name) && member !== null
        ? expect.any(typeof member === 'number' ? Number : String)
        : loosely(member),
    ]),
  );
}
