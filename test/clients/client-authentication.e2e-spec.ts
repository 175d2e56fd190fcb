import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClientsService } from '../../src/clients/clients.service.js';
import { createTestApp, type TestApp } from '../support/create-test-app.js';
import { expectOAuthError } from '../support/expect-errors.js';
import { basic, postForm, URLENCODED } from '../support/oauth.js';
import { requestRaw } from '../support/raw-response.js';
import { sql } from '../support/sql.js';

const CHALLENGE = 'Basic realm="latchkey", charset="UTF-8"';
const EMPTY_CLIENT = { Authorization: 'Basic Og==' };

type Headers = Record<string, string>;
type Form = Record<string, string>;
/** What a request presents, once there is a secret. */
type Presented = (secret: string) => { headers?: Headers; form?: Form };

let app: TestApp;
let secret: string;
let other: string;
beforeAll(async () => {
  app = await createTestApp();
  const clients = app.app.get(ClientsService);
  ({ secret } = await clients.create('app'));
  ({ secret: other } = await clients.create('other'));
});
afterAll(() => app.close());

const raw = (text: string) => ({ Authorization: `Basic ${Buffer.from(text).toString('base64')}` });

const RIGHT: [string, Presented][] = [
  ['by HTTP Basic', (secret) => ({ headers: basic('app', secret) })],
  ['by the form', (secret) => ({ form: { client_id: 'app', client_secret: secret } })],
  [
    'by HTTP Basic in another case',
    (secret) => ({
      headers: { Authorization: basic('app', secret).Authorization!.replace('Basic', 'bAsIc') },
    }),
  ],
  [
    'by HTTP Basic with every character percent-encoded',
    (secret) => {
      const encode = (text: string) =>
        text.replaceAll(/./g, (one) => `%${one.charCodeAt(0).toString(16)}`);
      return { headers: raw(`${encode('app')}:${encode(secret)}`) };
    },
  ],
  [
    'by HTTP Basic, with the same client_id in the form',
    (secret) => ({ headers: basic('app', secret), form: { client_id: 'app', client_secret: '' } }),
  ],
  [
    'by the form, with an empty client in the header',
    (secret) => ({ headers: EMPTY_CLIENT, form: { client_id: 'app', client_secret: secret } }),
  ],
  [
    'by the form, with another scheme in the header',
    (secret) => ({
      headers: { Authorization: 'Bearer x' },
      form: { client_id: 'app', client_secret: secret },
    }),
  ],
];

const WRONG: [string, Presented][] = [
  ['a wrong secret by HTTP Basic', () => ({ headers: basic('app', 'wrong') })],
  ['a wrong secret by the form', () => ({ form: { client_id: 'app', client_secret: 'wrong' } })],
  ['a part of the secret', (secret) => ({ headers: basic('app', secret.slice(1)) })],
  ['the secret and a colon', (secret) => ({ headers: basic('app', `${secret}:`) })],
  ['an unknown client', (secret) => ({ headers: basic('nobody', secret) })],
  ['the client in another case', (secret) => ({ headers: basic('APP', secret) })],
  ['the secret of another client', (secret) => ({ headers: basic('other', secret) })],
  ['an impossible client', (secret) => ({ headers: raw(`%00${'x'.repeat(100)}:${secret}`) })],
  ['a secret without id by HTTP Basic', (secret) => ({ headers: basic('', secret) })],
  ['a secret without id by the form', (secret) => ({ form: { client_secret: secret } })],
  ['a header without a colon', () => ({ headers: raw('app') })],
  ['a header with nothing after the scheme', () => ({ headers: { Authorization: 'Basic' } })],
  ['a header that is not base64', () => ({ headers: { Authorization: 'Basic app:secret' } })],
  ['a header with broken percent-encoding', (secret) => ({ headers: raw(`app%:${secret}`) })],
  [
    'a header without its padding',
    () => ({
      headers: { Authorization: basic('app', 'wrongs').Authorization!.replaceAll('=', '') },
    }),
  ],
];

const AMBIGUOUS: [string, Presented, RegExp][] = [
  [
    'a secret in header and form',
    (secret) => ({ headers: basic('app', secret), form: { client_secret: secret } }),
    /not both/,
  ],
  [
    'a label in the header, and a secret in the form',
    (secret) => ({
      headers: basic('app', ''),
      form: { client_id: 'app', client_secret: secret },
    }),
    /not both/,
  ],
  [
    'two different ids',
    (secret) => ({ headers: basic('app', secret), form: { client_id: 'other' } }),
    /another one/,
  ],
];

describe.each(['/revoke', '/introspect'])('A client at %s', (path) => {
  const send = (presented: Presented, secret: string) => {
    const { headers, form } = presented(secret);
    return postForm(app, path, { token: 'x', ...form }, headers);
  };

  it.each(RIGHT)('authenticates %s', async (_, presented) => {
    expect((await send(presented, secret)).status).toBe(200);
  });

  it.each(WRONG)('is refused for %s', async (_, presented) => {
    const response = await send(presented, secret);
    expect(response.headers.get('www-authenticate')).toBe(CHALLENGE);
    await expectOAuthError(response, 401, 'invalid_client');
  });

  it.each(AMBIGUOUS)('may not present %s', async (_, presented, description) => {
    const response = await send(presented, secret);
    expect(await expectOAuthError(response, 400, 'invalid_request')).toMatch(description);
  });

  it('may not send two Authorization headers', async () => {
    const { Authorization } = basic('app', secret);
    const lines = [`POST ${path} HTTP/1.1`, `Content-Type: ${URLENCODED}`, 'Content-Length: 7'];
    const twice = [...lines, `Authorization: ${Authorization}`, `authorization: ${Authorization}`];
    const response = await requestRaw(app, twice, 'token=x');
    expect(await expectOAuthError(response, 400, 'invalid_request')).toMatch(/one Authorization/);
  });

  it('answers the same to a wrong secret and to an unknown client', async () => {
    const [wrong, unknown] = await Promise.all([
      postForm(app, path, { token: 'x' }, basic('app', 'wrong')),
      postForm(app, path, { token: 'x' }, basic('nobody', 'wrong')),
    ]);
    expect(await unknown.text()).toBe(await wrong.text());
  });

  it('authenticates with either secret after a rotation, and with the new one at the end', async () => {
    const { id, secret: old } = await app.app.get(ClientsService).create(`rotated${path.slice(1)}`);
    const { secret: fresh } = await app.app.get(ClientsService).rotate(id, 60_000);
    const status = async (secret: string) =>
      (await postForm(app, path, { token: 'x' }, basic(id, secret))).status;
    expect([await status(old), await status(fresh)]).toEqual([200, 200]);
    app.clock.advance(60);
    expect([await status(old), await status(fresh)]).toEqual([401, 200]);
  });

  it('is asked to try again while the database does not answer', async () => {
    await sql(app, 'ALTER TABLE clients RENAME TO clients_away');
    const response = await postForm(app, path, { token: 'x' }, basic('app', secret));
    await sql(app, 'ALTER TABLE clients_away RENAME TO clients');
    expect(response.headers.has('retry-after')).toBe(true);
    await expectOAuthError(response, 503, 'temporarily_unavailable');
  });
});

/** Without authentication: fine where none is needed. */
const UNPROVEN: [string, Presented][] = [
  ['who presents nothing', () => ({})],
  ['with an empty client', () => ({ headers: EMPTY_CLIENT })],
  ['with empty fields', () => ({ form: { client_id: '', client_secret: '' } })],
  ['with another scheme', () => ({ headers: { Authorization: 'Bearer x' } })],
  ['with a label in the form', () => ({ form: { client_id: 'my app' } })],
  ['with a label in the header', () => ({ headers: basic('my app', '') })],
  ['with the id of a registered client alone', () => ({ form: { client_id: 'app' } })],
];

describe('A client', () => {
  it.each(UNPROVEN)('%s may revoke', async (_, presented) => {
    const { headers, form } = presented('');
    expect((await postForm(app, '/revoke', { token: 'x', ...form }, headers)).status).toBe(200);
  });

  it.each(UNPROVEN)('%s may not introspect', async (_, presented) => {
    const { headers, form } = presented('');
    const response = await postForm(app, '/introspect', { token: 'x', ...form }, headers);
    expect(response.headers.get('www-authenticate')).toBe(CHALLENGE);
    await expectOAuthError(response, 401, 'invalid_client');
  });

  it.each(['é', 'a\nb', 'a\0', '\u007f', 'x'.repeat(65)])(
    'may not call themselves %j',
    async (client_id) => {
      for (const path of ['/revoke', '/introspect']) {
        const response = await postForm(app, path, { token: 'x', client_id });
        expect(await expectOAuthError(response, 400, 'invalid_request')).toMatch(/client_id/);
      }
    },
  );

  it('a deleted client is no longer one', async () => {
    await app.app.get(ClientsService).delete('other');
    const response = await postForm(app, '/introspect', { token: 'x' }, basic('other', other));
    await expectOAuthError(response, 401, 'invalid_client');
  });
});
