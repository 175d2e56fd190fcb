import { type PhcParts, decodeBase64, parsePhc, wholeNumber } from './phc-format.js';

interface Derived {
  salt: Buffer;
  digest: Buffer;
}

export interface Argon2Hash extends Derived {
  scheme: 'argon2i' | 'argon2id';
  version: 16 | 19;
  /** KiB. */
  memory: number;
  passes: number;
  lanes: number;
}

export interface ScryptHash extends Derived {
  scheme: 'scrypt';
  /** N, r and p of RFC 7914. */
  cost: number;
  blockSize: number;
  parallelization: number;
}

export interface Pbkdf2Hash extends Derived {
  scheme: 'pbkdf2';
  algorithm: 'sha1' | 'sha256' | 'sha512';
  rounds: number;
}

/** A stored hash of a kind that latchkey verifies but never creates. */
export type KdfHash = Argon2Hash | ScryptHash | Pbkdf2Hash;

/** The most memory that one login may take: 256 MiB, in KiB. */
const MOST_MEMORY_KIB = 256 * 1024;

const MOST_PASSES = 64;
const MOST_LANES = 16;

/** Of scrypt N·r·p: some 3 s of a core. N·r is its memory, in units of 128 bytes. */
const MOST_SCRYPT_WORK = 2 ** 23;

const MOST_ROUNDS = 10_000_000;

/** Bytes. A shorter digest could match by chance. */
const LONGEST_SALT = 128;
const SHORTEST_DIGEST = 16;
const LONGEST_DIGEST = 128;

const DJANGO_PBKDF2 = /^pbkdf2_(sha1|sha256)\$(\d{1,8})\$([^$]{1,128})\$([A-Za-z0-9+/=]{1,172})$/;
const DJANGO_SCRYPT =
  /^scrypt\$(\d{1,8})\$([^$]{1,128})\$(\d{1,8})\$(\d{1,8})\$([A-Za-z0-9+/=]{1,172})$/;
const DJANGO_ARGON2 = 'argon2$';

const PBKDF2_ALGORITHMS: Readonly<Record<string, Pbkdf2Hash['algorithm']>> = {
  pbkdf2: 'sha1',
  'pbkdf2-sha1': 'sha1',
  'pbkdf2-sha256': 'sha256',
  'pbkdf2-sha512': 'sha512',
};

/**
 * Reads argon2i, argon2id, scrypt and PBKDF2 as PHC strings
 * (github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md), as passlib writes them and as Django does.
 * @returns undefined for anything else, and for parameters beyond the bounds above
 */
export function parseKdfHash(stored: string): KdfHash | undefined {
  const hash = stored.startsWith('$') ? parsePhcForm(stored) : parseDjangoForm(stored);
  if (!hash) return undefined;
  const { salt, digest } = hash;
  const isLongEnough = salt.length > 0 && digest.length >= SHORTEST_DIGEST;
  if (!isLongEnough || salt.length > LONGEST_SALT) return undefined;
  return digest.length > LONGEST_DIGEST ? undefined : hash;
}

function parsePhcForm(stored: string): KdfHash | undefined {
  const parts = parsePhc(stored);
  if (!parts) return undefined;
  if (parts.id === 'argon2i' || parts.id === 'argon2id') return argon2Of(parts.id, parts);
  if (parts.version !== undefined) return undefined;
  if (parts.id === 'scrypt') return scryptOfPhc(parts);
  return pbkdf2OfPhc(parts);
}

/** The order of the parts is that of `encode` in django/contrib/auth/hashers.py; the salts are plain text. */
function parseDjangoForm(stored: string): KdfHash | undefined {
  if (stored.startsWith(DJANGO_ARGON2)) {
    const hash = parsePhcForm(stored.slice(DJANGO_ARGON2.length - 1));
    return hash?.scheme === 'argon2i' || hash?.scheme === 'argon2id' ? hash : undefined;
  }
  const [, algorithm, rounds = '', pbkdf2Salt = '', pbkdf2Digest = ''] =
    DJANGO_PBKDF2.exec(stored) ?? [];
  if (algorithm === 'sha1' || algorithm === 'sha256') {
    const derived = derivedOf(Buffer.from(pbkdf2Salt), decodeBase64(pbkdf2Digest));
    return pbkdf2Of(algorithm, wholeNumber(rounds), derived);
  }
  const [, n = '', salt = '', r = '', p = '', digest = ''] = DJANGO_SCRYPT.exec(stored) ?? [];
  const numbers = [n, r, p].map(wholeNumber);
  return scryptOf(numbers, derivedOf(Buffer.from(salt), decodeBase64(digest)));
}

function argon2Of(scheme: Argon2Hash['scheme'], parts: PhcParts): Argon2Hash | undefined {
  const [memory = 0, passes = 0, lanes = 0] = parts.numbers('m', 't', 'p');
  const { version = 16 } = parts;
  if ((version !== 16 && version !== 19) || parts.salt.length < 8) return undefined;
  if (lanes < 1 || lanes > MOST_LANES || passes < 1 || passes > MOST_PASSES) return undefined;
  if (memory < 8 * lanes || memory > MOST_MEMORY_KIB) return undefined;
  return { scheme, version, memory, passes, lanes, salt: parts.salt, digest: parts.digest };
}

/** passlib writes the logarithm of N. */
function scryptOfPhc(parts: PhcParts): ScryptHash | undefined {
  const [log = 0, r = 0, p = 0] = parts.numbers('ln', 'r', 'p');
  return log > 24 ? undefined : scryptOf([2 ** log, r, p], parts);
}

function scryptOf(
  [cost = 0, blockSize = 0, parallelization = 0]: readonly number[],
  derived: Derived | undefined,
): ScryptHash | undefined {
  if (!derived || cost < 2 || !Number.isInteger(Math.log2(cost))) return undefined;
  if (blockSize < 1 || parallelization < 1) return undefined;
  // RFC 7914 §2: N is less than 2^(128·r/8).
  if (cost >= 2 ** (16 * blockSize)) return undefined;
  if (cost * blockSize > MOST_MEMORY_KIB * 8) return undefined;
  if (cost * blockSize * parallelization > MOST_SCRYPT_WORK) return undefined;
  const { salt, digest } = derived;
  return { scheme: 'scrypt', cost, blockSize, parallelization, salt, digest };
}

/** `i=..,l=..` as PHC has it, or passlib's bare number. */
function pbkdf2OfPhc(parts: PhcParts): Pbkdf2Hash | undefined {
  const algorithm = Object.hasOwn(PBKDF2_ALGORITHMS, parts.id)
    ? PBKDF2_ALGORITHMS[parts.id]
    : undefined;
  if (!algorithm) return undefined;
  const [bare] = parts.numbers('');
  const [alone] = parts.numbers('i');
  const [rounds = bare ?? alone ?? 0, length = parts.digest.length] = parts.numbers('i', 'l');
  return length === parts.digest.length ? pbkdf2Of(algorithm, rounds, parts) : undefined;
}

function pbkdf2Of(
  algorithm: Pbkdf2Hash['algorithm'],
  rounds: number,
  derived: Derived | undefined,
): Pbkdf2Hash | undefined {
  if (!derived || rounds < 1 || rounds > MOST_ROUNDS) return undefined;
  return { scheme: 'pbkdf2', algorithm, rounds, salt: derived.salt, digest: derived.digest };
}

function derivedOf(salt: Buffer, digest: Buffer | undefined): Derived | undefined {
  return digest && { salt, digest };
}
