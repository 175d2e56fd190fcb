import { createSecretKey, hkdfSync } from 'node:crypto';
import type { SecretSettings, TokenSettings } from '../config/settings.js';
import type { PairAlgorithm } from './key-pair.js';
import type { TokenKey } from './key-ring.js';

type Algorithm = TokenSettings['algorithm'];
type HmacAlgorithm = Exclude<Algorithm, PairAlgorithm>;

/** Is the key `SECRET_KEY` itself (HMAC), and not a stored pair? */
export function isHmacAlgorithm(algorithm: Algorithm): algorithm is HmacAlgorithm {
  return algorithm.startsWith('HS');
}

/**
 * The HMAC keys: `SECRET_KEY`, and the previous one, which no longer signs.
 * `KeyObject`s, never strings: jsonwebtoken tries a string as a public key first, which more than doubles the time
 * of a verification.
 */
export function hmacKeysOf(
  algorithm: HmacAlgorithm,
  { secretKey, previousSecretKey }: SecretSettings,
): TokenKey[] {
  const current = keyOf(algorithm, secretKey);
  if (previousSecretKey === null || previousSecretKey === secretKey) return [current];
  return [current, { ...keyOf(algorithm, previousSecretKey), signKey: null }];
}

function keyOf(algorithm: HmacAlgorithm, secret: string): TokenKey {
  const bytes = Buffer.from(secret);
  const key = createSecretKey(bytes);
  return {
    // Tells this key from others, and nothing about it (RFC 7638 §7 warns of plain thumbprints of secrets).
    kid: Buffer.from(hkdfSync('sha256', bytes, '', 'latchkey kid', 12)).toString('base64url'),
    algorithm,
    verifyKey: key,
    signKey: key,
    signsFrom: 0,
    acceptedUntil: Infinity,
    jwk: null,
  };
}
