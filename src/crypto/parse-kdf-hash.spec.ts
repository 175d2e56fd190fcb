import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseStoredHash } from './parse-stored-hash.js';

const SALT = 'AAECAwQFBgcICQoLDA0ODw';
const DIGEST = 'yRTMTwbMbo9G0VfjobWqerzuuxe7BETNTErBbKKumGQ';

const argon2 = (parameters: string) => `$argon2id$v=19$${parameters}$${SALT}$${DIGEST}`;
const scrypt = (parameters: string) => `$scrypt$${parameters}$${SALT}$${DIGEST}`;
const pbkdf2 = (parameters: string) => `$pbkdf2-sha256$${parameters}$${SALT}$${DIGEST}`;
const djangoScrypt = (n: number, r: number, p: number) => `scrypt$${n}$salt$${r}$${p}$${DIGEST}=`;

const READABLE = [
  argon2('m=262144,t=64,p=16'),
  argon2('m=8,t=1,p=1'),
  argon2('p=1,m=8,t=1'),
  scrypt('ln=18,r=8,p=4'),
  scrypt('ln=1,r=1,p=1'),
  scrypt('ln=15,r=1,p=1'),
  djangoScrypt(2 ** 18, 8, 4),
  pbkdf2('10000000'),
  pbkdf2('i=10000000,l=32'),
  pbkdf2('i=1'),
  `pbkdf2_sha256$10000000$s$${DIGEST}=`,
  `pbkdf2_sha256$1$${'ü'.repeat(64)}$${DIGEST}=`,
  `bcrypt$$2a$05$c92SVSfjeiCD6F2nAD6y0uBpJDjdRkt0EgeC4/31Rf2LUZbRDvE.O`,
];

const UNREADABLE = [
  argon2('m=262145,t=1,p=1'),
  argon2('m=8,t=65,p=1'),
  argon2('m=256,t=1,p=17'),
  argon2('m=15,t=1,p=2'),
  argon2('m=8,t=0,p=1'),
  argon2('m=8,t=1,p=0'),
  argon2('m=08,t=1,p=1'),
  argon2('m=8,t=1'),
  argon2('m=8,t=1,p=1,p=1'),
  argon2('m=8,t=1,p=1,x=1'),
  argon2('m=8,t=1,p=-1'),
  argon2('m=99999999999,t=1,p=1'),
  argon2('m=8,t=1,p=1').replace('argon2id', 'argon2d'),
  argon2('m=8,t=1,p=1').replace('v=19', 'v=18'),
  argon2('m=8,t=1,p=1').replace(SALT, 'AAECAwQ'),
  `argon2${argon2('m=8,t=1,p=1')}`.replace('argon2id', 'argon2d'),
  `argon2${scrypt('ln=4,r=8,p=1')}`,
  scrypt('ln=19,r=8,p=1'),
  scrypt('ln=18,r=8,p=5'),
  scrypt('ln=0,r=8,p=1'),
  scrypt('ln=16,r=1,p=1'),
  scrypt('ln=25,r=1,p=1'),
  scrypt('ln=10,r=0,p=1'),
  scrypt('ln=10,r=8,p=0'),
  scrypt('ln=10,r=9999999999,p=1'),
  scrypt('ln=10,r=8,p=1').replace('$scrypt', '$scrypt$v=1'),
  djangoScrypt(1000, 8, 1),
  djangoScrypt(1, 8, 1),
  djangoScrypt(2 ** 19, 8, 1),
  djangoScrypt(2 ** 10, 8, 0),
  pbkdf2('10000001'),
  pbkdf2('0'),
  pbkdf2('i=10000001,l=32'),
  pbkdf2('i=1000,l=31'),
  pbkdf2('i=1000,l=32,x=1'),
  pbkdf2('l=32'),
  pbkdf2('1000,1000'),
  pbkdf2('1000').replace('sha256', 'sha224'),
  pbkdf2('1000').replace('pbkdf2-sha256', '__proto__'),
  pbkdf2('1000').replace('pbkdf2-sha256', 'constructor'),
  pbkdf2('1000').replace(DIGEST, 'yRTMTwbMbo9G0VfjobWq'),
  pbkdf2('1000').replace(DIGEST, 'A'.repeat(176)),
  pbkdf2('1000').replace(SALT, 'A'),
  pbkdf2('1000').replace(SALT, ''),
  pbkdf2('1000').replace(SALT, 'A'.repeat(176)),
  `pbkdf2_sha256$0$salt$${DIGEST}=`,
  `pbkdf2_sha256$10000001$salt$${DIGEST}=`,
  `pbkdf2_sha256$1000$$${DIGEST}=`,
  `pbkdf2_sha256$1000$${'ü'.repeat(65)}$${DIGEST}=`,
  `pbkdf2_sha256$1000$salt$${DIGEST}==`,
  `pbkdf2_md5$1000$salt$${DIGEST}=`,
  `bcrypt$$bcrypt-sha256$v=2,t=2b,r=5$c92SVSfjeiCD6F2nAD6y0u$BpJDjdRkt0EgeC4/31Rf2LUZbRDvE.O`,
  'bcrypt_sha256$$2b$04$short',
  'md5$salt$5f4dcc3b5aa765d61d8327deb882cf99',
  'sha1$salt$5f4dcc3b5aa765d61d8327deb882cf99aaaaaaaa',
  '!k3jhk4j5h3kj4h5',
];

describe('parseStoredHash and hashes from elsewhere', () => {
  it.each(READABLE)('reads %s', (stored) => {
    expect(parseStoredHash(stored)).toBeDefined();
  });

  it.each(UNREADABLE)('does not read %s', (stored) => {
    expect(parseStoredHash(stored)).toBeUndefined();
  });

  it.each(READABLE)('does not read %s with anything around it', (stored) => {
    for (const other of [`${stored}\n`, ` ${stored}`, `${stored}\0`, `${stored}$`, stored + '!']) {
      expect(parseStoredHash(other)).toBeUndefined();
    }
  });

  it('reads nothing that is longer than any of these', () => {
    expect(parseStoredHash(`pbkdf2_sha256$1$${'s'.repeat(600)}$${DIGEST}=`)).toBeUndefined();
  });

  it('throws for no input, and reads nothing beyond its bounds', () => {
    const piece = fc.oneof(
      fc.constantFrom('$', ',', '=', 'v=19', 'argon2id', 'scrypt', 'pbkdf2-sha256', 'bcrypt', '0'),
      fc.constantFrom('pbkdf2_sha256', 'argon2', 'm=8', 't=1', 'p=1', 'ln=4', 'r=8', 'i=1', '$$'),
      fc.constantFrom(SALT, DIGEST, '$argon2id$v=19$', '$2b$05$', '__proto__', '-1', '1e9'),
      fc.string({ maxLength: 8, unit: 'binary' }),
      fc.nat().map(String),
    );
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, (stored) => withinBounds(stored)),
      { numRuns: 3_000 },
    );
  });

  it('throws for no mutation of a readable one', () => {
    const change = fc.tuple(fc.constantFrom(...READABLE), fc.nat(200), fc.string({ maxLength: 4 }));
    const property = fc.property(change, ([stored, at, text]) =>
      withinBounds(stored.slice(0, at) + text + stored.slice(at + text.length)),
    );
    fc.assert(property, { numRuns: 3_000 });
  });
});

function withinBounds(stored: string): boolean {
  const hash = parseStoredHash(stored);
  if (!hash || 'bcrypt' in hash) return true;
  const { salt, digest } = hash;
  if (salt.length < 1 || salt.length > 128 || digest.length < 16 || digest.length > 128)
    return false;
  switch (hash.scheme) {
    case 'pbkdf2':
      return hash.rounds >= 1 && hash.rounds <= 10_000_000;
    case 'scrypt':
      return hash.cost * hash.blockSize <= 2 ** 21 && hash.parallelization >= 1;
    default:
      return hash.memory <= 262_144 && hash.passes <= 64 && hash.lanes >= 1 && hash.lanes <= 16;
  }
}
