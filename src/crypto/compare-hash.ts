import { createHash, createHmac, pbkdf2, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import bcrypt from 'bcrypt';
import type { Argon2Hash, Pbkdf2Hash, ScryptHash } from './parse-kdf-hash.js';
import type { BcryptHash, StoredHash } from './parse-stored-hash.js';

/** The longest possible password, in UTF-8 bytes. */
export const PASSWORD_LONGEST = 1024;

/** bcrypt reads no further, silently; longer passwords go through HMAC-SHA256 first. */
const BCRYPT_LONGEST = 72;

const ARGON2_TYPES = { argon2i: 1, argon2id: 2 } as const;

const deriveByPbkdf2 = promisify(pbkdf2);

/** Always does the work of the stored hash, even for a password that can't match. */
export async function compareHash(password: string, hash: StoredHash): Promise<boolean> {
  const isTooLong = Buffer.byteLength(password) > PASSWORD_LONGEST;
  if ('bcrypt' in hash) return (await compareBcrypt(password, hash)) && !isTooLong;
  const digest = await derive(password, hash);
  return timingSafeEqual(digest, hash.digest) && !isTooLong && isReadWhole(password, hash);
}

/** Is the password one that bcrypt alone would not read whole? It stops at 72 bytes, and repeats from a NUL. */
export function needsPrehash(password: string): boolean {
  return Buffer.byteLength(password) > BCRYPT_LONGEST || password.includes('\0');
}

export function prehash(password: string, salt: string): string {
  return createHmac('sha256', salt).update(password).digest('base64');
}

async function compareBcrypt(password: string, hash: BcryptHash): Promise<boolean> {
  switch (hash.scheme) {
    case 'bcrypt':
      return (await bcrypt.compare(password, hash.bcrypt)) && !needsPrehash(password);
    case 'bcrypt-sha256':
      return bcrypt.compare(prehash(password, hash.salt), hash.bcrypt);
    case 'bcrypt-hex-sha256':
      return bcrypt.compare(createHash('sha256').update(password).digest('hex'), hash.bcrypt);
  }
}

function derive(password: string, hash: Argon2Hash | ScryptHash | Pbkdf2Hash): Promise<Buffer> {
  switch (hash.scheme) {
    case 'pbkdf2':
      return deriveByPbkdf2(password, hash.salt, hash.rounds, hash.digest.length, hash.algorithm);
    case 'scrypt':
      return deriveByScrypt(password, hash);
    default:
      return deriveByArgon2(password, hash);
  }
}

function deriveByScrypt(password: string, hash: ScryptHash): Promise<Buffer> {
  const { cost, blockSize, parallelization } = hash;
  // What OpenSSL computes as its memory: V, B, and two working blocks.
  const maxmem = 128 * blockSize * (cost + parallelization + 2);
  const options = { cost, blockSize, parallelization, maxmem };
  return new Promise((resolve, reject) => {
    scrypt(password, hash.salt, hash.digest.length, options, (error, digest) => {
      if (error) reject(error);
      else resolve(digest);
    });
  });
}

/** Loads its library at the first such hash: most services never see one. */
async function deriveByArgon2(password: string, hash: Argon2Hash): Promise<Buffer> {
  const { hash: derive } = await import('argon2');
  return derive(password, {
    raw: true,
    type: ARGON2_TYPES[hash.scheme],
    version: hash.version,
    memoryCost: hash.memory,
    timeCost: hash.passes,
    parallelism: hash.lanes,
    salt: hash.salt,
    hashLength: hash.digest.length,
  });
}

/** HMAC pads its key with zeros (RFC 2104 §2): with PBKDF2, `a` and `a` with a NUL have the same hash. */
function isReadWhole(password: string, { scheme }: StoredHash): boolean {
  return (scheme !== 'pbkdf2' && scheme !== 'scrypt') || !password.endsWith('\0');
}
