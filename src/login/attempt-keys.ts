import { createHmac, type KeyObject } from 'node:crypto';
import { canonicalName } from '../common/canonical-text.js';
import { networkOf } from '../common/network-address.js';
import type { RequestContext } from '../http/request-context.js';
import type { AttemptLimit, AttemptSettings } from '../config/settings.js';

/** Whose wrong passwords: a user's from one address, a user's, or those from one address. */
export type Counted = 'pair' | 'username' | 'address';

/** A counter that an attempt counts in. */
export interface AttemptKey extends AttemptLimit {
  counted: Counted;
  key: string;
}

/**
 * The counters of an attempt that have a limit, always in this order: all that lock several rows lock them in the
 * same one.
 */
export function attemptKeys(
  settings: AttemptSettings,
  name: string,
  network: string,
): AttemptKey[] {
  const keys: Record<Counted, string> = {
    pair: `${pairsOf(name)}${network}`,
    username: `username:${name}`,
    address: `address:${network}`,
  };
  const all: Counted[] = ['pair', 'username', 'address'];
  return all.flatMap((counted) => {
    const limit = settings[counted];
    return limit ? [{ ...limit, counted, key: keys[counted] }] : [];
  });
}

/** The prefix of the keys of all pairs of a name. */
export function pairsOf(name: string): string {
  return `pair:${name}:`;
}

/** No user has a longer name, in UTF-16 code units; canonicalizing one of any length would be costly. */
const LONGEST_NAME = 1_024;

/**
 * A username as it appears in keys: its canonical form, hashed with a key, because people type their passwords there
 * too.
 */
export function hashedName(key: KeyObject, username: string): string {
  const name = username.length > LONGEST_NAME ? username : canonicalName(username);
  return createHmac('sha256', key).update(name).digest('hex').slice(0, 32);
}

/** Where a request comes from. If what a proxy forwards is not an address, the proxy's own address counts. */
export function networkOfRequest({ ip, peer }: RequestContext): string {
  return networkOf(ip) ?? networkOf(peer) ?? 'unknown';
}
