import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestApp, ISSUER, type TestApp } from '../support/create-test-app.js';
import { expectGetOnly } from '../support/expect-errors.js';

const PATH = '/.well-known/oauth-authorization-server';
const METHODS = ['none', 'client_secret_basic', 'client_secret_post'];

type Metadata = Record<string, unknown>;

let app: TestApp;
beforeAll(async () => void (app = await createTestApp()));
afterAll(() => app.close());

/** The metadata of an app with this configuration. */
async function metadataOf(environment: Record<string, string>): Promise<Metadata> {
  const other = await createTestApp(environment);
  const metadata = (await (await fetch(other.url + PATH)).json()) as Metadata;
  await other.close();
  return metadata;
}

describe(`GET ${PATH}`, () => {
  it('lists the endpoints and features, for everyone', async () => {
    const response = await fetch(app.url + PATH);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json\b/);
    expect(await response.json()).toEqual({
      issuer: ISSUER,
      token_endpoint: `${ISSUER}/token`,
      revocation_endpoint: `${ISSUER}/revoke`,
      introspection_endpoint: `${ISSUER}/introspect`,
      revocation_feed_endpoint: `${ISSUER}/revocations`,
      jwks_uri: `${ISSUER}/.well-known/jwks.json`,
      service_documentation: `${ISSUER}/docs`,
      scopes_supported: ['profile', 'users:read', 'users:write'],
      response_types_supported: [],
      grant_types_supported: ['password', 'refresh_token', 'client_credentials'],
      token_endpoint_auth_methods_supported: METHODS,
      revocation_endpoint_auth_methods_supported: METHODS,
      introspection_endpoint_auth_methods_supported: METHODS.slice(1),
    });
  });

  it('names no endpoint that does not exist', async () => {
    const metadata = (await (await fetch(app.url + PATH)).json()) as Record<string, string>;
    const names = Object.keys(metadata).filter((name) => /_endpoint$|_uri$|_doc/.test(name));
    for (const name of names) {
      const { pathname } = new URL(metadata[name]!);
      expect({ name, status: (await fetch(app.url + pathname)).status }).not.toEqual({
        name,
        status: 404,
      });
    }
  });

  it.each([
    ['http://latchkey.test/', 'http://latchkey.test/token'],
    ['https://Login.Example.com:8443', 'https://Login.Example.com:8443/token'],
    ['https://example.com/login', 'https://example.com/login/token'],
    ['https://example.com/login/', 'https://example.com/login/token'],
  ])('has the issuer exactly as configured: %s', async (issuer, token_endpoint) => {
    expect(await metadataOf({ ISSUER: issuer })).toMatchObject({ issuer, token_endpoint });
  });

  it('offers no refresh where there are no refresh tokens', async () => {
    const metadata = await metadataOf({ REFRESH_TOKEN_EXPIRE_DAYS: '0' });
    expect(metadata.grant_types_supported).toEqual(['password', 'client_credentials']);
  });

  it('names no docs page where there is none', async () => {
    expect(await metadataOf({ DOCS_ENABLED: 'false' })).not.toHaveProperty('service_documentation');
  });

  it('is not for another method', async () => {
    const response = await fetch(app.url + PATH, { method: 'POST' });
    await expectGetOnly(response);
  });
});
