import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClientsService } from '../../src/clients/clients.service.js';
import { createTestApp, type TestApp } from '../support/create-test-app.js';
import { expectOAuthError, expectOAuthHeaders } from '../support/expect-errors.js';
import { basic, postForm, URLENCODED } from '../support/oauth.js';

let app: TestApp;
let client: Record<string, string>;
beforeAll(async () => {
  app = await createTestApp();
  const { id, secret } = await app.app.get(ClientsService).create('app');
  client = basic(id, secret);
});
afterAll(() => app.close());

describe.each(['/revoke', '/introspect'])('The form of POST %s', (path) => {
  const post = (form: string, headers: Record<string, string> = {}) =>
    postForm(app, path, form, { ...client, ...headers });
  const send = (body: string | FormData | null, headers: Record<string, string> = {}) =>
    fetch(app.url + path, { method: 'POST', body, headers: { ...client, ...headers } });

  it.each([
    ['a token alone', 'token=x'],
    ['a hint', 'token=x&token_type_hint=access_token'],
    ['an unknown hint', 'token=x&token_type_hint=%F0%9F%94%91'],
    ['an empty hint', 'token=x&token_type_hint='],
    ['unknown fields, also twice', 'token=x&a=1&a=2&b[]=3'],
  ])('may have %s', async (_, form) => {
    expect((await post(form)).status).toBe(200);
  });

  it('may be multipart/form-data with text fields', async () => {
    const form = new FormData();
    form.set('token', 'x');
    expect((await send(form)).status).toBe(200);
  });

  it.each([
    ['no token', '', 'The field token is required; send it in the form body'],
    ['an empty token', 'token=', 'The field token is required; send it in the form body'],
    ['the token twice', 'token=x&token=y', 'Send token once'],
    ['the same token twice', 'token=x&token=x', 'Send token once'],
    ['token[]', 'token[]=x', 'Send token as a plain field, not as token[]'],
    ['token[a]', 'token=x&token[a]=x', 'Send token as a plain field, not as token[]'],
    ['the hint twice', 'token=x&token_type_hint=a&token_type_hint=b', 'Send token_type_hint once'],
    ['client_id twice', 'token=x&client_id=app&client_id=app', 'Send client_id once'],
    ['client_secret twice', 'token=x&client_secret=&client_secret=', 'Send client_secret once'],
  ])('may not have %s', async (_, form, description) => {
    expect(await expectOAuthError(await post(form), 400, 'invalid_request')).toBe(description);
  });

  it('is not read from the query string', async () => {
    const response = await postForm(app, `${path}?token=x`, '', client);
    expect(await expectOAuthError(response, 400, 'invalid_request')).toMatch(/form body/);
  });

  it.each([
    ['JSON', '{"token":"x"}', 'application/json'],
    ['text', 'token=x', 'text/plain'],
    ['another charset', 'token=x', `${URLENCODED}; charset=iso-8859-1`],
    ['multipart without a boundary', 'token=x', 'multipart/form-data'],
    ['broken percent-encoding', 'token=%', URLENCODED],
    ['what is not UTF-8', 'token=%ff', URLENCODED],
    ['over 100 fields', `token=x${'&a=1'.repeat(100)}`, URLENCODED],
  ])('may not be %s', async (_, body, type) => {
    await expectOAuthError(await send(body, { 'Content-Type': type }), 400, 'invalid_request');
  });

  it('may not be missing', async () => {
    await expectOAuthError(await send(null), 400, 'invalid_request');
  });

  it('may not have a file', async () => {
    const form = new FormData();
    form.set('token', new Blob(['x']), 'token.txt');
    await expectOAuthError(await send(form), 400, 'invalid_request');
  });

  it('may have 64 KiB, and not a byte more', async () => {
    expect((await post(`token=${'x'.repeat(65_530)}`)).status).toBe(200);
    const response = await post(`token=${'x'.repeat(65_531)}`);
    await expectOAuthError(response, 413, 'invalid_request');
  });

  it('may not be encoded', async () => {
    const response = await post('token=x', { 'Content-Encoding': 'gzip' });
    await expectOAuthError(response, 415, 'invalid_request');
  });

  it.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('is not for %s', async (method) => {
    const response = await fetch(app.url + path, { method, headers: client });
    expect(response.headers.get('allow')).toBe('POST');
    await expectOAuthError(response, 405, 'invalid_request');
  });

  it('may go to the path with a trailing slash', async () => {
    expect((await postForm(app, `${path}/`, 'token=x', client)).status).toBe(200);
    expect((await postForm(app, path.toUpperCase(), 'token=x', client)).status).toBe(404);
  });

  it('is refused with the headers of an OAuth endpoint', async () => {
    expectOAuthHeaders(await post(''));
  });
});
