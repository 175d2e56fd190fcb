import { type KdfHash, parseKdfHash } from './parse-kdf-hash.js';

/** A stored bcrypt hash, taken apart. */
export interface BcryptHash {
  /**
   * What bcrypt is given: the password; its HMAC-SHA256 with the salt as the key (`bcrypt-sha256`, passlib); its
   * SHA-256 in hexadecimal digits (`bcrypt-hex-sha256`, Django).
   */
  scheme: 'bcrypt' | 'bcrypt-sha256' | 'bcrypt-hex-sha256';
  /** Is it in a form that latchkey writes itself, or must the next login replace it? */
  isOurs: boolean;
  /** log2 of bcrypt's rounds. */
  cost: number;
  /** What bcrypt itself compares with: `$2b$`, cost, salt and digest. */
  bcrypt: string;
  /** The 22 characters of the salt, in bcrypt's own base64. */
  salt: string;
}

export type StoredHash = BcryptHash | KdfHash;

/** The highest cost worth waiting for: some 3 s of a core. */
const HIGHEST_COST = 16;

/** No form that is read here is longer. */
const LONGEST_STORED = 512;

const BCRYPT = /^\$2[aby]\$(\d\d)\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/;
const BCRYPT_SHA256 =
  /^\$bcrypt-sha256\$v=2,t=2b,r=(\d{1,2})\$([./A-Za-z0-9]{22})\$([./A-Za-z0-9]{31})$/;

/** Django writes the name of its hasher before what the hasher wrote. */
const DJANGO_BCRYPT = 'bcrypt$';
const DJANGO_BCRYPT_SHA256 = 'bcrypt_sha256$';

/**
 * Reads `$2a$`, `$2b$`, `$2y$` (one algorithm for valid UTF-8: the letter says which implementation's bugs
 * a hash is free of; the package knows only the first two), passlib's `$bcrypt-sha256$v=2,`, Django's `bcrypt$`
 * and `bcrypt_sha256$`, and what `parseKdfHash` reads.
 * @returns undefined for anything else, and for one that would take too much time or memory
 */
export function parseStoredHash(stored: string): StoredHash | undefined {
  if (stored.length > LONGEST_STORED) return undefined;
  return parseBcrypt(stored) ?? parseDjangoBcrypt(stored) ?? parseKdfHash(stored);
}

function parseBcrypt(stored: string): BcryptHash | undefined {
  const plain = BCRYPT.exec(stored);
  const parts = plain ?? BCRYPT_SHA256.exec(stored);
  const [, costText = '', salt = '', digest = ''] = parts ?? [];
  const cost = Number(costText);
  if (!parts || cost < 4 || cost > HIGHEST_COST) return undefined;
  return {
    scheme: plain ? 'bcrypt' : 'bcrypt-sha256',
    isOurs: true,
    cost,
    bcrypt: `$2b$${String(cost).padStart(2, '0')}$${salt}${digest}`,
    salt,
  };
}

function parseDjangoBcrypt(stored: string): BcryptHash | undefined {
  const isHashed = stored.startsWith(DJANGO_BCRYPT_SHA256);
  if (!isHashed && !stored.startsWith(DJANGO_BCRYPT)) return undefined;
  const hash = parseBcrypt(stored.slice((isHashed ? DJANGO_BCRYPT_SHA256 : DJANGO_BCRYPT).length));
  if (hash?.scheme !== 'bcrypt') return undefined;
  return { ...hash, isOurs: false, scheme: isHashed ? 'bcrypt-hex-sha256' : 'bcrypt' };
}

/** Writes passlib's documented form from what bcrypt returned for the pre-hashed password. */
export function formatBcryptSha256(bcrypt: string): string {
  const parts = BCRYPT.exec(bcrypt);
  if (!parts) throw new TypeError('Not a bcrypt hash');
  const [, cost, salt, digest] = parts;
  return `$bcrypt-sha256$v=2,t=2b,r=${Number(cost)}$${salt}$${digest}`;
}
