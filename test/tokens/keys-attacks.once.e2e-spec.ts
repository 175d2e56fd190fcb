import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, SignJWT } from 'jose';
import { createTestApp, ISSUER, SECRET_KEY, type TestApp } from '../support/create-test-app.js';
import { keyId, TokenForge } from '../support/forge-token.js';
import { kidOf, PAIR_ALGORITHMS, publishedKeys, signKeyOf } from '../support/keys.js';

const foreign = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ec: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
};

describe.each(PAIR_ALGORITHMS)('A service that signs with %s', (ALGORITHM) => {
  let app: TestApp;
  let forge: TokenForge;
  let kid: string;
  beforeAll(async () => {
    app = await createTestApp({ ALGORITHM });
    await app.createUser();
    forge = new TokenForge(app);
    kid = kidOf(await app.accessToken());
  });
  afterAll(() => app.close());

  const own = (alg: string) => (alg === 'ES256' ? foreign.ec : foreign.rsa);
  const sign = (key: KeyObject, header: Record<string, unknown> = {}) =>
    new SignJWT({ sub: 'alex', uid: '1', jti: 'x' })
      .setProtectedHeader({ typ: 'at+jwt', alg: ALGORITHM, kid, ...header })
      .setIssuer(ISSUER)
      .setAudience(ISSUER)
      .setIssuedAt(forge.now)
      .setExpirationTime(forge.now + 60)
      .sign(key);
  const statusOf = async (token: string) => (await app.readProfile(token)).status;

  it('accepts a token forged with its own key, so that the tests below test the difference', async () => {
    expect(await statusOf(await sign(signKeyOf(app)))).toBe(200);
  });

  it('refuses its kid under a foreign key', async () => {
    expect(await statusOf(await sign(own(ALGORITHM).privateKey))).toBe(401);
  });

  it.each([undefined, 'other', 'A'.repeat(43), ['x'], keyId()])(
    'refuses the kid %j',
    async (unknown) => {
      const signed = await sign(signKeyOf(app), { kid: unknown });
      const forged = forge.make({ header: { kid: unknown } });
      // At once: one query of the table is enough for both.
      expect(await Promise.all([signed, forged].map(statusOf))).toEqual([401, 401]);
    },
  );

  it.each(PAIR_ALGORITHMS.filter((alg) => alg !== ALGORITHM))(
    'refuses alg %s for its key',
    async (alg) => {
      expect(await statusOf(await sign(own(alg).privateKey, { alg }))).toBe(401);
      const isSameKind = (alg === 'ES256') === (ALGORITHM === 'ES256');
      // The right key, and an algorithm that it supports.
      if (isSameKind) expect(await statusOf(await sign(signKeyOf(app), { alg }))).toBe(401);
    },
  );

  it.each(['HS256', 'HS384', 'HS512'] as const)(
    'refuses alg %s with the public key, or SECRET_KEY, for the secret',
    async (hash) => {
      const publicKey = createPublicKey(signKeyOf(app));
      const pem = publicKey.export({ type: 'spki', format: 'pem' });
      const texts = [
        pem,
        String(pem).trimEnd(),
        publicKey.export({ type: 'spki', format: 'der' }),
        JSON.stringify((await publishedKeys(app.url))[0]),
        JSON.stringify(publicKey.export({ format: 'jwk' })),
        SECRET_KEY,
        '',
      ];
      for (const key of texts) {
        for (const alg of [hash, ALGORITHM]) {
          expect(await statusOf(forge.make({ header: { alg, kid }, hash, key }))).toBe(401);
        }
      }
    },
  );

  it.each(['none', 'None', '', undefined, null, [ALGORITHM], ALGORITHM.toLowerCase()])(
    'refuses alg %j, signed or not',
    async (alg) => {
      const token = forge.make({ header: { alg, kid } });
      expect(await statusOf(token)).toBe(401);
      expect(await statusOf(token.replace(/[^.]*$/, ''))).toBe(401);
    },
  );

  it('uses no key that a token offers', async () => {
    const { privateKey, publicKey } = own(ALGORITHM);
    const offers = {
      jwk: await exportJWK(publicKey),
      jku: 'http://127.0.0.1:1/jwks',
      x5u: 'http://127.0.0.1:1/cert',
      x5c: ['AAAA'],
    };
    expect(await statusOf(await sign(privateKey, offers))).toBe(401);
    expect(await statusOf(await sign(signKeyOf(app), offers))).toBe(200);
  });

  it('refuses a token without a signature, or with a part of it', async () => {
    const token = await sign(signKeyOf(app));
    expect(await statusOf(token.replace(/[^.]*$/, ''))).toBe(401);
    expect(await statusOf(token.slice(0, -4))).toBe(401);
  });
});
