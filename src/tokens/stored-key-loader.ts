import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';
import { TokenSettings } from '../config/settings.js';
import { type KeyTimes, longestTokenLife, retiresAt, signingOrder } from './key-life.js';
import type { KeyPair } from './key-pair.js';
import { KeyRing, type TokenKey } from './key-ring.js';
import { isHmacAlgorithm } from './hmac-keys.js';
import type { StoredKey } from './stored-key.entity.js';
import { StoredKeys } from './stored-keys.service.js';

/** The minimum time between two lookups of unknown keys, in milliseconds. */
const PAUSE_MS = 1_000;

/** A thumbprint: SHA-256 in base64url. */
const KID = /^[\w-]{43}$/;

type ReadableKey = KeyTimes & { pair: KeyPair };

/** Loads the stored keys into memory. */
@Injectable()
export class StoredKeyLoader {
  /** What was opened once: a row may be sealed again under a secret that this instance doesn't have. */
  private pairs = new Map<string, KeyPair>();
  private readonly unreadable = new Set<string>();
  private begun = 0;
  private shown = 0;
  private look: Promise<void> | undefined;
  private lastLook = -Infinity;

  constructor(
    private readonly stored: StoredKeys,
    private readonly ring: KeyRing,
    private readonly settings: TokenSettings,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext('StoredKeyLoader');
  }

  /** @throws DatabaseUnavailable, and what is in memory stays */
  async reload(): Promise<void> {
    const turn = ++this.begun;
    const rows = await this.stored.all();
    // A reload that began later was faster, and is more recent.
    if (turn < this.shown) return;
    this.shown = turn;
    const readable = signingOrder(rows).flatMap((row) => {
      const { kid, algorithm, signsFrom } = row;
      const pair = this.pairOf(row);
      return pair ? [{ kid, algorithm, signsFrom, pair }] : [];
    });
    this.pairs = new Map(readable.map(({ kid, pair }) => [kid, pair]));
    this.ring.replace(readable.map((key) => this.tokenKeyOf(key, readable)));
  }

  /**
   * Checks whether another instance has made the key meanwhile. All requests within a second share one lookup,
   * so that garbage tokens cause no load.
   * @throws DatabaseUnavailable
   */
  async lookFor(kid: unknown): Promise<void> {
    if (isHmacAlgorithm(this.settings.algorithm)) return;
    if (typeof kid !== 'string' || !KID.test(kid)) return;
    await (this.look ??= this.lookAfterPause());
  }

  private async lookAfterPause(): Promise<void> {
    await sleep(Math.max(0, this.lastLook + PAUSE_MS - performance.now()));
    // Requests from here on may need a key that was made after this lookup began.
    this.look = undefined;
    this.lastLook = performance.now();
    await this.reload();
  }

  private pairOf(row: StoredKey): KeyPair | undefined {
    const pair = this.pairs.get(row.kid) ?? this.stored.open(row)?.pair;
    if (!pair && !this.unreadable.has(row.kid)) {
      this.unreadable.add(row.kid);
      this.logger.error({ kid: row.kid }, "A stored key can't be decrypted with this SECRET_KEY");
    }
    return pair;
  }

  private tokenKeyOf(key: ReadableKey, all: readonly ReadableKey[]): TokenKey {
    const { algorithm, accessTokenLifetime } = this.settings;
    const { kid, algorithm: own, privateKey, publicKey, jwk } = key.pair;
    return {
      kid,
      algorithm: own,
      verifyKey: publicKey,
      signKey: own === algorithm ? privateKey : null,
      signsFrom: key.signsFrom,
      acceptedUntil: retiresAt(key, all, algorithm) + longestTokenLife(accessTokenLifetime),
      jwk,
    };
  }
}
