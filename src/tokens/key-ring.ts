import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { SecretSettings, TokenSettings } from '../config/settings.js';
import { NoSigningKey } from './key-errors.js';
import { newestBegun } from './key-life.js';
import type { PublicJwk } from './key-pair.js';
import { isHmacAlgorithm, hmacKeysOf } from './hmac-keys.js';
import { VerifiedTokens } from './verified-tokens.js';

/** A key for access tokens, with the one algorithm it is for (RFC 8725 §3.1). Times are epoch milliseconds. */
export interface TokenKey {
  readonly kid: string;
  readonly algorithm: TokenSettings['algorithm'];
  readonly verifyKey: KeyObject;
  /** Null for a key that is only accepted. */
  readonly signKey: KeyObject | null;
  readonly signsFrom: number;
  readonly acceptedUntil: number;
  /** Null for a secret. */
  readonly jwk: PublicJwk | null;
}

/** The keys in memory: keys that verify tokens are found here, and nowhere else. */
@Injectable()
export class KeyRing {
  private keys: readonly TokenKey[] = [];
  private byKid: ReadonlyMap<string, TokenKey> = new Map();

  constructor(
    { algorithm }: TokenSettings,
    secrets: SecretSettings,
    private readonly verified: VerifiedTokens,
    private readonly clock: Clock,
  ) {
    if (isHmacAlgorithm(algorithm)) this.replace(hmacKeysOf(algorithm, secrets));
  }

  /**
   * @param keys those that can sign in the order in which they do
   */
  replace(keys: readonly TokenKey[]): void {
    const before = this.keys;
    this.keys = keys;
    this.byKid = new Map(keys.map((key) => [key.kid, key]));
    // What was verified with a key that is no longer valid, isn't either.
    if (before.some(({ kid }) => !this.byKid.has(kid))) this.verified.clear();
  }

  find(kid: unknown): TokenKey | undefined {
    const key = typeof kid === 'string' ? this.byKid.get(kid) : undefined;
    return key && key.acceptedUntil > this.clock.now() ? key : undefined;
  }

  /**
   * The key that signs now, by the rule of `signerOf`.
   * @throws NoSigningKey
   */
  get signer(): TokenKey & { signKey: KeyObject } {
    const signer = newestBegun(this.keys.filter(canSign), this.clock.now());
    if (!signer) throw new NoSigningKey();
    return signer;
  }

  get canSign(): boolean {
    return this.keys.some(canSign);
  }

  /** The keys no longer needed at that time, in milliseconds since the epoch: their last token has expired. */
  endedAt(now: number): TokenKey[] {
    return this.keys.filter(({ acceptedUntil }) => acceptedUntil <= now);
  }

  /** The public keys in use, next and just retired; none for a secret. */
  get publicKeys(): PublicJwk[] {
    const now = this.clock.now();
    return this.keys.flatMap(({ jwk, acceptedUntil }) => (jwk && acceptedUntil > now ? [jwk] : []));
  }
}

function canSign(key: TokenKey): key is TokenKey & { signKey: KeyObject } {
  return key.signKey !== null;
}
