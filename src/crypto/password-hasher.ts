import { Injectable } from '@nestjs/common';
import bcrypt from 'bcrypt';
import { HashingSettings } from '../config/settings.js';
import { compareHash, needsPrehash, PASSWORD_LONGEST, prehash } from './compare-hash.js';
import { Decoys } from './decoys.js';
import { HashingQueue, type Turn } from './hashing-queue.js';
import { formatBcryptSha256, parseStoredHash, type StoredHash } from './parse-stored-hash.js';

export { PASSWORD_LONGEST } from './compare-hash.js';

const SALT_LENGTH = 22;

export type Verdict =
  | { matches: false; reason: 'mismatch' | 'unreadable_hash' }
  | { matches: true; needsRehash: boolean };

/** Hashes and verifies passwords, a few at a time; both throw what `HashingQueue.run` throws. */
@Injectable()
export class PasswordHasher {
  private readonly decoys: Decoys;

  constructor(
    private readonly queue: HashingQueue,
    private readonly settings: HashingSettings,
  ) {
    this.decoys = new Decoys(settings.bcryptCost);
  }

  /**
   * `$2b$` for up to 72 UTF-8 bytes, passlib's `$bcrypt-sha256$v=2,` from there to 1024 and for a NUL
   * anywhere, so that no byte of a password is ignored (passlib.readthedocs.io/en/stable/lib/passlib.hash.bcrypt_sha256.html).
   * @throws RangeError for a longer password
   */
  hash(password: string): Promise<string> {
    if (Buffer.byteLength(password) > PASSWORD_LONGEST) {
      throw new RangeError('The password is longer than 1024 bytes');
    }
    return this.queue.run(() => this.hashNow(password));
  }

  /**
   * Compares a password with a stored hash, ours or one that was made elsewhere. Whatever is stored, even nothing,
   * any outcome but a match takes the time of one hash of the configured cost (or of the stored one,
   * if that takes longer).
   * @param stored null for a user who can't log in, or doesn't exist
   */
  verify(password: string, stored: string | null, turn?: Turn): Promise<Verdict> {
    return this.queue.run(() => this.verifyNow(password, stored), turn);
  }

  /** Whether jobs are waiting in line: then postpone what can be done another time. */
  get isAwaited(): boolean {
    return this.queue.depth > 0;
  }

  /** @throws HashingQueueFull if `verify` would */
  requireRoom(since: number): void {
    this.queue.requireRoom(since);
  }

  private async hashNow(password: string): Promise<string> {
    const salt = await bcrypt.genSalt(this.settings.bcryptCost);
    if (!needsPrehash(password)) return bcrypt.hash(password, salt);
    const saltText = salt.slice(-SALT_LENGTH);
    return formatBcryptSha256(await bcrypt.hash(prehash(password, saltText), salt));
  }

  private async verifyNow(password: string, stored: string | null): Promise<Verdict> {
    const hash = stored === null ? undefined : parseStoredHash(stored);
    if (!hash) {
      await this.decoys.computeOne();
      return { matches: false, reason: 'unreadable_hash' };
    }
    const begin = performance.now();
    const matches = await compareHash(password, hash);
    if (matches) return { matches, needsRehash: this.isOutdated(hash) };
    await this.fillUp(hash, begin);
    return { matches: false, reason: 'mismatch' };
  }

  /** Is it from another program, or cheaper than configured? */
  private isOutdated(hash: StoredHash): boolean {
    return !('bcrypt' in hash) || !hash.isOurs || hash.cost < this.settings.bcryptCost;
  }

  private async fillUp(hash: StoredHash, begin: number): Promise<void> {
    if (!('bcrypt' in hash)) return this.decoys.fillUpSince(begin);
    this.decoys.learn(hash.cost, performance.now() - begin);
    await this.decoys.fillUpFrom(hash.cost);
  }
}
