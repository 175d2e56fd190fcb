import type { StoredKey } from './stored-key.entity.js';

/** What tells when a stored key does what; times in milliseconds since the epoch. */
export type KeyTimes = Pick<StoredKey, 'kid' | 'algorithm' | 'signsFrom'>;

export type KeyState = 'next' | 'signing' | 'retired';

/** For the clocks of instances that are apart, and for one that hears late of the next key, in milliseconds. */
const MARGIN_MS = 30_000;

/** The keys in the order in which they begin to sign. */
export function signingOrder<K extends KeyTimes>(keys: readonly K[]): K[] {
  return keys.toSorted(compare);
}

/** How long the tokens of a key that signs no more may still be about, in milliseconds. */
export function longestTokenLife(accessTokenLifetime: number): number {
  return accessTokenLifetime * 1000 + MARGIN_MS;
}

/**
 * The key that signs: the newest that has begun, and if none has, the one that will first. It follows from the
 * rows and the clock alone, so that all instances come to the same.
 */
export function signerOf<K extends KeyTimes>(
  keys: readonly K[],
  algorithm: string,
  now: number,
): K | undefined {
  const own = signingOrder(keys).filter((key) => key.algorithm === algorithm);
  return newestBegun(own, now);
}

/** @param keys of one algorithm, in the order in which they begin to sign */
export function newestBegun<K extends Pick<KeyTimes, 'signsFrom'>>(
  keys: readonly K[],
  now: number,
): K | undefined {
  return keys.findLast((key) => key.signsFrom <= now) ?? keys[0];
}

/**
 * When the next key takes over: from then on this one signs nothing. A key of another algorithm than the
 * configured one gives way to the first newer key of that.
 * @returns Infinity for the last one
 */
export function retiresAt(key: KeyTimes, keys: readonly KeyTimes[], algorithm: string): number {
  const successor = signingOrder(keys).find(
    (other) => other.algorithm === algorithm && compare(other, key) > 0,
  );
  return successor?.signsFrom ?? Infinity;
}

export function stateOf(
  key: KeyTimes,
  keys: readonly KeyTimes[],
  algorithm: string,
  now: number,
): KeyState {
  if (signerOf(keys, algorithm, now)?.kid === key.kid) return 'signing';
  return key.signsFrom > now ? 'next' : 'retired';
}

function compare(a: KeyTimes, b: KeyTimes): number {
  return a.signsFrom - b.signsFrom || (a.kid < b.kid ? -1 : Number(a.kid > b.kid));
}
