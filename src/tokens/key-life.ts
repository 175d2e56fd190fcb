import type { StoredKey } from './stored-key.entity.js';

/** What determines when a stored key does what; times in milliseconds since the epoch. */
export type KeyTimes = Pick<StoredKey, 'kid' | 'algorithm' | 'signsFrom'>;

export type KeyState = 'next' | 'signing' | 'retired';

/** For instances whose clocks differ, or that learn late of the next key, in milliseconds. */
const MARGIN_MS = 30_000;

/** The keys in the order in which they begin to sign. */
export function signingOrder<K extends KeyTimes>(keys: readonly K[]): K[] {
  return keys.toSorted(compare);
}

/** How long tokens of a key that no longer signs may still be in use, in milliseconds. */
export function longestTokenLife(accessTokenLifetime: number): number {
  return accessTokenLifetime * 1000 + MARGIN_MS;
}

/**
 * The key that signs: the newest that has begun, or if none has, the first that will. It depends on the
 * rows and the clock alone, so that all instances agree.
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
 * When the next key takes over: from then on this one signs nothing. A key for an algorithm other than the
 * configured one is replaced by the first newer key for that.
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
