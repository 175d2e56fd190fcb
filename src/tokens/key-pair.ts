import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';

export type PairAlgorithm = 'RS256' | 'PS256' | 'ES256';

/** A private key, and what follows from it. */
export interface KeyPair {
  /** The thumbprint of the public key (RFC 7638). */
  readonly kid: string;
  readonly algorithm: PairAlgorithm;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** As `/.well-known/jwks.json` shows it (RFC 7517 §4): public members only. */
  readonly jwk: PublicJwk;
}

export type PublicJwk = { kty: string; kid: string; use: 'sig'; alg: PairAlgorithm } & JsonWebKey;

/** The required members of a public key, in the order in which RFC 7638 §3.2 hashes them. */
const PUBLIC_MEMBERS = {
  RS256: ['e', 'kty', 'n'],
  PS256: ['e', 'kty', 'n'],
  ES256: ['crv', 'kty', 'x', 'y'],
} as const;

const generate = promisify(generateKeyPair);

/** Makes a key pair in libuv's pool: an RSA key takes 100 ms and more. */
export async function makeKeyPair(algorithm: PairAlgorithm): Promise<KeyPair> {
  const { privateKey } =
    algorithm === 'ES256'
      ? await generate('ec', { namedCurve: 'P-256' })
      : await generate('rsa', { modulusLength: 2048 });
  const pair = keyPairOf(privateKey, algorithm);
  // On the command line that would be an option, not a key.
  return pair.kid.startsWith('-') ? makeKeyPair(algorithm) : pair;
}

/** The text that is sealed: the private JWK, with the one algorithm it is for. */
export function writeKeyPair({ privateKey, algorithm }: KeyPair): string {
  return JSON.stringify({ ...privateKey.export({ format: 'jwk' }), alg: algorithm });
}

/** @throws Error for anything that `writeKeyPair` didn't write */
export function readKeyPair(text: string): KeyPair {
  const jwk = JSON.parse(text) as JsonWebKey & { alg: PairAlgorithm };
  return keyPairOf(createPrivateKey({ key: jwk, format: 'jwk' }), jwk.alg);
}

/** The public key is derived from the private one: write access to the database is not enough to add a key. */
function keyPairOf(privateKey: KeyObject, algorithm: PairAlgorithm): KeyPair {
  const publicKey = createPublicKey(privateKey);
  const exported = publicKey.export({ format: 'jwk' });
  const members = Object.fromEntries(
    PUBLIC_MEMBERS[algorithm].map((name) => [name, exported[name]]),
  );
  const kid = createHash('sha256').update(JSON.stringify(members)).digest('base64url');
  const jwk = { kty: String(exported.kty), kid, use: 'sig', alg: algorithm, ...members } as const;
  return { kid, algorithm, privateKey, publicKey, jwk };
}
