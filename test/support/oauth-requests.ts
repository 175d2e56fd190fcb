import { ClientsService } from '../../src/clients/clients.service.js';
import type { TestApp } from './create-test-app.js';
import { basic, postForm, tokensFrom } from './oauth.js';
import { withoutUsersTable } from './sql.js';

type Requests = Record<string, () => Promise<Response>>;

const METADATA = '/.well-known/oauth-authorization-server';

/**
 * How to get each documented answer of the endpoints for other services, by operation and detail; `ok` is the success.
 * @param getApp the app, which may not be there before the first request
 * @param manyHeaders more than the service reads
 */
export function oauthRequests(
  getApp: () => TestApp,
  manyHeaders: Record<string, string>,
): Record<string, Requests> {
  const secrets = new Map<TestApp, string>();
  const client = async () => {
    const app = getApp();
    const secret = secrets.get(app) ?? (await app.app.get(ClientsService).create('api')).secret;
    secrets.set(app, secret);
    return basic('api', secret);
  };
  const get = (path: string, init: RequestInit = {}) => fetch(getApp().url + path, init);

  const tokenForm = (path: string): Requests => {
    const post = async (form: Record<string, string> | string, headers = {}) =>
      postForm(getApp(), path, form, { ...(await client()), ...headers });
    const postGood = async () =>
      post({ token: (await tokensFrom(getApp(), { client_id: 'web' })).access_token });
    const withoutDatabase = async () => {
      const { access_token: token } = await tokensFrom(getApp());
      const headers = await client();
      return withoutUsersTable(getApp(), () => postForm(getApp(), path, { token }, headers));
    };
    return {
      ok: postGood,
      'The field token is required; send it in the form body': () => post(''),
      'Send token once': () => post('token=x&token=y'),
      'Send the client secret in the Authorization header or in the form, not both': () =>
        post({ token: 'x', client_secret: 'x' }),
      'Client authentication is required': () => postForm(getApp(), path, { token: 'x' }),
      'Incorrect client credentials': () => post({ token: 'x' }, basic('api', 'wrong')),
      'Method not allowed; use POST': () => get(path),
      'The request body is too large': () => post({ token: 'x'.repeat(65_536) }),
      'Send the request without Content-Encoding': () => post('', { 'Content-Encoding': 'gzip' }),
      'The header section is too large': () => post('', manyHeaders),
      'The database does not answer; try again': withoutDatabase,
    };
  };
  return {
    'POST /revoke': tokenForm('/revoke'),
    'POST /introspect': tokenForm('/introspect'),
    [`GET ${METADATA}`]: {
      ok: () => get(METADATA),
      'Method not allowed; use GET or HEAD': () => get(METADATA, { method: 'POST' }),
      'Send the request without Content-Encoding': () =>
        get(METADATA, { headers: { 'Content-Encoding': 'gzip' } }),
      'The header section is too large': () => get(METADATA, { headers: manyHeaders }),
    },
  };
}
