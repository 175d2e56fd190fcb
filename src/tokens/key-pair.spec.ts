import { describe, expect, it } from '@jest/globals';
import { calculateJwkThumbprint } from 'jose';
import { makeKeyPair, readKeyPair, writeKeyPair } from './key-pair.js';

describe.each(['RS256', 'PS256', 'ES256'] as const)('A key pair for %s', (algorithm) => {
  it('is named by the thumbprint of its public key, and shows that alone', async () => {
    const { kid, jwk } = await makeKeyPair(algorithm);
    expect(kid).toBe(await calculateJwkThumbprint(jwk));
    const own = algorithm === 'ES256' ? ['crv', 'x', 'y'] : ['e', 'n'];
    expect(Object.keys(jwk).sort()).toEqual(['alg', 'kid', 'kty', 'use', ...own].sort());
    expect(jwk).toMatchObject({ kid, use: 'sig', alg: algorithm });
  });

  it('is large enough', async () => {
    const { asymmetricKeyDetails: details } = (await makeKeyPair(algorithm)).privateKey;
    if (algorithm === 'ES256') expect(details).toEqual({ namedCurve: 'prime256v1' });
    else expect(details?.modulusLength).toBeGreaterThanOrEqual(2048);
  });

  it('is the same when written and read', async () => {
    const pair = await makeKeyPair(algorithm);
    const read = readKeyPair(writeKeyPair(pair));
    expect({ kid: read.kid, algorithm: read.algorithm, jwk: read.jwk }).toEqual({
      kid: pair.kid,
      algorithm,
      jwk: pair.jwk,
    });
    expect(read.privateKey.equals(pair.privateKey)).toBe(true);
    expect(read.publicKey.equals(pair.publicKey)).toBe(true);
  });
});

describe('The name of a key pair', () => {
  it('is never taken for an option of the command line', async () => {
    // One in 64 thumbprints begins with a hyphen.
    const pairs = await Promise.all(Array.from({ length: 400 }, () => makeKeyPair('ES256')));
    expect(pairs.filter(({ kid }) => kid.startsWith('-'))).toEqual([]);
  });
});
