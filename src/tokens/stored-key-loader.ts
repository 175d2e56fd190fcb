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

/** How long after a look for an unknown key the next one may begin, in milliseconds. */
const PAUSE_MS = 1_000;

/** A thumbprint: SHA-256 in base64url. */
const KID = /^[\w-]{43}$/;

type ReadableKey = KeyTimes & { pair: KeyPair };

/** Brings the stored keys into memory. */
@Injectable()
export class StoredKeyLoader {
  /** What was opened once: a row may be sealed anew under a secret that this instance doesn't have. */
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
    logger.setContext(StoredKeyLoader.name);
  }

  /** @throws DatabaseUnavailable, and what is in memory stays */
  async reload(): Promise<void> {
    const turn = ++this.begun;
    const rows = await this.stored.all();
    // A reload that began later has been faster, and knows more.
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
   * Looks whether another instance has made the key meanwhile. For all who ask within a second there is one look,
   * so that tokens of nonsense make no load.
   * @throws DatabaseUnavailable
   */
  async lookFor(kid: unknown): Promise<void> {
    if (isHmacAlgorithm(this.settings.algorithm)) return;
    if (typeof kid !== 'string' || !KID.test(kid)) return;
    await (this.look ??= this.lookAfterPause());
  }

  private async lookAfterPause(): Promise<void> {
    await sleep(Math.max(0, this.lastLook + PAUSE_MS - performance.now()));
    // Who asks from here on may ask for a key that was made after this look began.
    this.look = undefined;
    this.lastLook = performance.now();
    await this.reload();
  }

  private pairOf(row: StoredKey): KeyPair | undefined {
    const pair = this.pairs.get(row.kid) ?? this.stored.open(row)?.pair;
    if (!pair && !this.unreadable.has(row.kid)) {
      this.unreadable.add(row.kid);
      this.logger.error({ kid: row.kid }, 'A stored key does not open with the SECRET_KEY of here');
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
