/** A stored password hash, taken apart. */
export interface StoredHash {
  scheme: 'bcrypt' | 'bcrypt-sha256';
  /** log2 of bcrypt's rounds. */
  cost: number;
  /** What bcrypt itself compares with: `$2b$`, cost, salt and digest. */
  bcrypt: string;
  /** The 22 characters of the salt, in bcrypt's own base64. */
  salt: string;
}

/** The highest cost there is a point in waiting for: some 3 s of a core. */
const HIGHEST_COST = 16;

const BCRYPT = /^\$2[aby]\$(\d\d)\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/;
const BCRYPT_SHA256 =
  /^\$bcrypt-sha256\$v=2,t=2b,r=(\d{1,2})\$([./A-Za-z0-9]{22})\$([./A-Za-z0-9]{31})$/;

/**
 * Reads `$2a$`, `$2b$`, `$2y$` (one algorithm for valid UTF-8: the letter tells which implementation's bugs
 * a hash is free of; the package knows only the first two) and passlib's `$bcrypt-sha256$v=2,`.
 * @returns undefined for anything else
 */
export function parseStoredHash(stored: string): StoredHash | undefined {
  const plain = BCRYPT.exec(stored);
  const parts = plain ?? BCRYPT_SHA256.exec(stored);
  const [, costText = '', salt = '', digest = ''] = parts ?? [];
  const cost = Number(costText);
  if (!parts || cost < 4 || cost > HIGHEST_COST) return undefined;
  return {
    scheme: plain ? 'bcrypt' : 'bcrypt-sha256',
    cost,
    bcrypt: `$2b$${String(cost).padStart(2, '0')}$${salt}${digest}`,
    salt,
  };
}

/** Writes passlib's documented form from what bcrypt returned for the pre-hashed password. */
export function formatBcryptSha256(bcrypt: string): string {
  const parts = BCRYPT.exec(bcrypt);
  if (!parts) throw new TypeError('Not a bcrypt hash');
  const [, cost, salt, digest] = parts;
  return `$bcrypt-sha256$v=2,t=2b,r=${Number(cost)}$${salt}$${digest}`;
}
