import { Injectable } from '@nestjs/common';
import { Recorder } from '../audit/recorder.js';
import { Clock } from '../common/clock.js';
import { SecretSettings, TokenSettings } from '../config/settings.js';
import { Database, type Statement } from '../database/database.js';
import { KeyIsSecretKey, KeyNotFound } from './key-errors.js';
import { type KeyState, signerOf, signingOrder, stateOf } from './key-life.js';
import { makeKeyPair } from './key-pair.js';
import { isHmacAlgorithm, hmacKeysOf } from './hmac-keys.js';
import type { StoredKey } from './stored-key.entity.js';
import { StoredKeys } from './stored-keys.service.js';

/** A key without its secrets; times in milliseconds since the epoch, null for `SECRET_KEY` itself. */
export interface ListedKey {
  kid: string;
  algorithm: string;
  state: KeyState;
  createdAt: number | null;
  signsFrom: number | null;
}

/** Creates, rotates and revokes keys. Running instances pick up its changes of the table on their own. */
@Injectable()
export class KeysService {
  constructor(
    private readonly stored: StoredKeys,
    private readonly settings: TokenSettings,
    private readonly secrets: SecretSettings,
    private readonly database: Database,
    private readonly recorder: Recorder,
    private readonly clock: Clock,
  ) {}

  /**
   * Makes sure at the start that every stored key opens, and that there is one to sign with.
   * @throws ConfigError naming the keys that don't open
   */
  async prepare(): Promise<void> {
    const rows = await this.stored.openAll();
    const { algorithm } = this.settings;
    if (isHmacAlgorithm(algorithm)) return;
    const now = this.clock.now();
    const signer = signerOf(rows, algorithm, now);
    if (!signer) await this.makeSigner();
    // ALGORITHM was changed, and the keys for the previous one have signed until now.
    else if (rows.some((row) => row.algorithm !== algorithm)) {
      await this.stored.move(signer.kid, now);
    }
  }

  /** Makes a key that signs at once: the first one, or one for a table that was emptied. */
  async makeSigner(): Promise<void> {
    const { algorithm } = this.settings;
    if (isHmacAlgorithm(algorithm)) return;
    const now = this.clock.now();
    await this.stored.insert(await makeKeyPair(algorithm), now, now);
  }

  async list(): Promise<ListedKey[]> {
    const { algorithm } = this.settings;
    const now = this.clock.now();
    const rows = signingOrder(await this.stored.all());
    if (!isHmacAlgorithm(algorithm)) {
      return rows.map((row) => listed(row, stateOf(row, rows, algorithm, now)));
    }
    const secrets = hmacKeysOf(algorithm, this.secrets).map(({ kid, signKey }): ListedKey => {
      const state = signKey ? 'signing' : 'retired';
      return { kid, algorithm, state, createdAt: null, signsFrom: null };
    });
    return [...secrets, ...rows.map((row) => listed(row, 'retired'))];
  }

  /**
   * Makes the next key, which is published at once and signs once all verifiers have had time to fetch it.
   * @throws KeyIsSecretKey
   * @throws ConfigError for stored keys that don't open: the next one would be sealed under a wrong secret
   */
  async rotate(): Promise<ListedKey> {
    const { algorithm, keyPublishTime } = this.settings;
    if (isHmacAlgorithm(algorithm)) {
      throw new KeyIsSecretKey(
        `With ALGORITHM=${algorithm} the key is SECRET_KEY itself: make another one with ` +
          '"npm run -s cli -- secret generate", put the current one into SECRET_KEY_PREVIOUS, and restart the service',
      );
    }
    await this.stored.openAll();
    const pair = await makeKeyPair(algorithm);
    const now = this.clock.now();
    const times = { createdAt: now, signsFrom: now + keyPublishTime };
    await this.stored.insert(pair, times.createdAt, times.signsFrom);
    return { kid: pair.kid, algorithm, state: 'next', ...times };
  }

  /**
   * Revokes a key at once, with all tokens it signed, even one that can't be decrypted. If it is the one that signs,
   * the next one begins now, or a new one does.
   * @throws KeyNotFound
   * @throws KeyIsSecretKey
   */
  async revoke(kid: string): Promise<void> {
    const rows = await this.stored.all();
    if (!rows.some((row) => row.kid === kid)) throw this.whyNotStored(kid);
    const isDone = await this.database.group([
      this.stored.deleting(kid),
      ...(await this.succession(kid, rows)),
      this.recorder.recordingOwn('key_revoked', { key: kid }),
    ]);
    if (!isDone) throw new KeyNotFound(kid);
  }

  /** Ensures that there is a key to sign with when this one is gone. */
  private async succession(kid: string, rows: readonly StoredKey[]): Promise<Statement[]> {
    const { algorithm } = this.settings;
    const now = this.clock.now();
    if (isHmacAlgorithm(algorithm) || signerOf(rows, algorithm, now)?.kid !== kid) return [];
    const next = signingOrder(rows).find(
      (row) => row.kid !== kid && row.algorithm === algorithm && row.signsFrom > now,
    );
    if (next) return [this.stored.moving(next.kid, now)];
    return this.stored.inserting(await makeKeyPair(algorithm), now, now);
  }

  private whyNotStored(kid: string): Error {
    const { algorithm } = this.settings;
    const secrets = isHmacAlgorithm(algorithm) ? hmacKeysOf(algorithm, this.secrets) : [];
    const secret = secrets.find((key) => key.kid === kid);
    if (!secret) return new KeyNotFound(kid);
    return new KeyIsSecretKey(
      secret.signKey
        ? 'This key is SECRET_KEY itself: to revoke it, set another one without SECRET_KEY_PREVIOUS, and restart the service'
        : 'This key is SECRET_KEY_PREVIOUS itself: to revoke it, remove that, and restart the service',
    );
  }
}

function listed({ kid, algorithm, createdAt, signsFrom }: StoredKey, state: KeyState): ListedKey {
  return { kid, algorithm, state, createdAt, signsFrom };
}
