import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import bcrypt from 'bcrypt';
import { HashingSettings } from '../config/settings.js';
import { HashingQueue } from './hashing-queue.js';
import { formatBcryptSha256, parseStoredHash, type StoredHash } from './stored-hash.js';

/** bcrypt reads no further, silently; longer passwords go through HMAC-SHA256 first. */
const BCRYPT_LONGEST = 72;

const SALT_LENGTH = 22;

/** The longest password there is, in UTF-8 bytes. */
export const PASSWORD_LONGEST = 1024;

export type Verdict =
  | { matches: false; reason: 'mismatch' | 'unreadable_hash' }
  | { matches: true; needsRehash: boolean };

/** Hashes and verifies passwords, a few at a time; both throw what `HashingQueue.run` throws. */
@Injectable()
export class PasswordHasher {
  constructor(
    private readonly queue: HashingQueue,
    private readonly settings: HashingSettings,
  ) {}

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
   * Compares a password with a stored hash. Whatever is stored, even nothing, and whatever comes of it
   * but a match, takes the time of one hash of the configured cost (or of the stored one, if higher).
   * @param stored null for a user who can't log in, or isn't there
   * @param signal fires when nobody waits for the verdict any longer
   */
  verify(password: string, stored: string | null, signal?: AbortSignal): Promise<Verdict> {
    return this.queue.run(() => this.verifyNow(password, stored), signal);
  }

  private async hashNow(password: string): Promise<string> {
    const salt = await bcrypt.genSalt(this.settings.bcryptCost);
    if (!needsPrehash(password)) return bcrypt.hash(password, salt);
    const saltText = salt.slice(-SALT_LENGTH);
    return formatBcryptSha256(await bcrypt.hash(prehash(password, saltText), salt));
  }

  private async verifyNow(password: string, stored: string | null): Promise<Verdict> {
    const readable = stored === null ? undefined : parseStoredHash(stored);
    const hash = readable ?? decoy(this.settings.bcryptCost);
    const matches = await compare(password, hash);
    if (readable && matches) return { matches, needsRehash: hash.cost < this.settings.bcryptCost };
    await this.spend(hash.cost);
    return { matches: false, reason: readable ? 'mismatch' : 'unreadable_hash' };
  }

  /**
   * Does the rest of the work of one hash of the configured cost, after one of cost `from`: bcrypt's work
   * is 2^cost, so costs 10, 10 and 11 make 12. Without it, an old cheap hash would tell that its user exists.
   */
  private async spend(from: number): Promise<void> {
    for (let cost = from; cost < this.settings.bcryptCost; cost++) {
      await compare('', decoy(cost));
    }
  }
}

/** A hash that nobody's password has. */
function decoy(cost: number): StoredHash {
  const salt = '.'.repeat(SALT_LENGTH);
  const bcrypt = `$2b$${String(cost).padStart(2, '0')}$${salt}${'.'.repeat(31)}`;
  return { scheme: 'bcrypt', cost, bcrypt, salt };
}

/** Is the password one that bcrypt alone would not read whole? It stops at 72 bytes, and repeats from a NUL. */
function needsPrehash(password: string): boolean {
  return Buffer.byteLength(password) > BCRYPT_LONGEST || password.includes('\0');
}

function prehash(password: string, salt: string): string {
  return createHmac('sha256', salt).update(password).digest('base64');
}

/** Always computes one hash of the stored cost, also for a password that can't match. */
async function compare(password: string, hash: StoredHash): Promise<boolean> {
  const isTooLong = Buffer.byteLength(password) > PASSWORD_LONGEST;
  if (hash.scheme === 'bcrypt-sha256') {
    return (await bcrypt.compare(prehash(password, hash.salt), hash.bcrypt)) && !isTooLong;
  }
  return (await bcrypt.compare(password, hash.bcrypt)) && !needsPrehash(password);
}
