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
 * The counters of an attempt that have a limit, always in this order: whoever locks several rows locks them in the
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

/** With what the keys of all pairs of a name begin. */
export function pairsOf(name: string): string {
  return `pair:${name}:`;
}

/** Nobody has a longer name, in UTF-16 code units; to bring one of any length into canonical form is work. */
const LONGEST_NAME = 1_024;

/**
 * A username as it stands in keys: its canonical form, hashed with a key, because people type their passwords there
 * too.
 */
export function hashedName(key: KeyObject, username: string): string {
  const name = username.length > LONGEST_NAME ? username : canonicalName(username);
  return createHmac('sha256', key).update(name).digest('hex').slice(0, 32);
}

/** Where a request comes from. What a proxy says and is no address is no bucket of its own: then the proxy is. */
export function networkOfRequest({ ip, peer }: RequestContext): string {
  return networkOf(ip) ?? networkOf(peer) ?? 'unknown';
}
