import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { createTestApp, ISSUER, type TestApp } from '../support/create-test-app.js';
import { expectGetOnly } from '../support/expect-errors.js';
import { readToken } from '../support/forge-token.js';
import { kidOf, PAIR_ALGORITHMS, publishedKeys, SECRET_ALGORITHMS } from '../support/keys.js';

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

describe.each([...SECRET_ALGORITHMS, ...PAIR_ALGORITHMS])('With ALGORITHM=%s', (ALGORITHM) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp({ ALGORITHM });
    await app.createUser();
  });
  afterAll(() => app.close());

  it('a token is signed, and reads the profile', async () => {
    const token = await app.accessToken();
    expect(readToken(token).header).toEqual({
      alg: ALGORITHM,
      typ: 'at+jwt',
      kid: expect.any(String),
    });
    for (let i = 0; i < 2; i++) expect((await app.readProfile(token)).status).toBe(200);
  });

  it('a token with another signature is refused', async () => {
    const [token, other] = [await app.accessToken(), await app.accessToken()];
    const forged = token.replace(/[^.]*$/, other.split('.')[2]!);
    expect((await app.readProfile(forged)).status).toBe(401);
  });

  it('the keys are published to everyone, cacheable for five minutes', async () => {
    const response = await fetch(`${app.url}/.well-known/jwks.json`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json\b/);
    expect(response.headers.get('cache-control')).toBe('max-age=300');
    expect(response.headers.has('www-authenticate')).toBe(false);
    expect(response.headers.has('etag')).toBe(false);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  if (ALGORITHM.startsWith('HS')) {
    it('the published keys are none', async () => {
      expect(await (await fetch(`${app.url}/.well-known/jwks.json`)).text()).toBe('{"keys":[]}');
    });
    return;
  }

  it('the published keys are one key with its use and algorithm, and nothing private', async () => {
    const [key, ...others] = await publishedKeys(app.url);
    const text = expect.stringMatching(/^[\w-]+$/);
    const common = { kid: kidOf(await app.accessToken()), use: 'sig', alg: ALGORITHM };
    expect(key).toEqual(
      ALGORITHM === 'ES256'
        ? { kty: 'EC', ...common, crv: 'P-256', x: text, y: text }
        : { kty: 'RSA', ...common, e: 'AQAB', n: text },
    );
    expect(others).toEqual([]);
    for (const member of PRIVATE_MEMBERS) expect(key).not.toHaveProperty(member);
  });

  it('the published keys verify an access token for a client that only knows the issuer', async () => {
    const keys = createRemoteJWKSet(new URL(`${app.url}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(await app.accessToken(), keys, {
      issuer: ISSUER,
      audience: ISSUER,
      typ: 'at+jwt',
      currentDate: new Date(app.clock.now()),
    });
    expect(payload).toMatchObject({ sub: 'alex', uid: '1' });
  });
});

describe('/.well-known/jwks.json', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await createTestApp({ ALGORITHM: 'ES256' })));
  afterAll(() => app.close());

  it('answers HEAD with the headers of GET', async () => {
    const response = await fetch(`${app.url}/.well-known/jwks.json`, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('max-age=300');
    expect(await response.text()).toBe('');
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH'])('refuses %s', async (method) => {
    const response = await fetch(`${app.url}/.well-known/jwks.json`, { method });
    await expectGetOnly(response);
  });

  it('requires no token, and ignores an invalid one', async () => {
    const headers = { Authorization: 'Bearer nonsense' };
    const response = await fetch(`${app.url}/.well-known/jwks.json`, { headers });
    expect(response.status).toBe(200);
  });
});
