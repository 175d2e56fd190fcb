import { describe, expect, it } from '@jest/globals';
import { formatBcryptSha256, parseStoredHash } from './parse-stored-hash.js';

const SALT = 'c92SVSfjeiCD6F2nAD6y0u';
const DIGEST = 'BpJDjdRkt0EgeC4/31Rf2LUZbRDvE.O';

describe('parseStoredHash', () => {
  it.each(['2a', '2b', '2y'])('reads $%s$', (letter) => {
    expect(parseStoredHash(`$${letter}$05$${SALT}${DIGEST}`)).toEqual({
      scheme: 'bcrypt',
      isOurs: true,
      cost: 5,
      bcrypt: `$2b$05$${SALT}${DIGEST}`,
      salt: SALT,
    });
  });

  it.each(['5', '12'])("reads passlib's bcrypt-sha256 with %s rounds", (rounds) => {
    expect(parseStoredHash(`$bcrypt-sha256$v=2,t=2b,r=${rounds}$${SALT}$${DIGEST}`)).toEqual({
      scheme: 'bcrypt-sha256',
      isOurs: true,
      cost: Number(rounds),
      bcrypt: `$2b$${rounds.padStart(2, '0')}$${SALT}${DIGEST}`,
      salt: SALT,
    });
  });

  it.each([
    '',
    'correct horse',
    `$2x$05$${SALT}${DIGEST}`,
    `$2$05$${SALT}${DIGEST}`,
    `$2b$5$${SALT}${DIGEST}`,
    `$2b$03$${SALT}${DIGEST}`,
    `$2b$17$${SALT}${DIGEST}`,
    `$2b$31$${SALT}${DIGEST}`,
    `$2b$05$${SALT}${DIGEST.slice(1)}`,
    `$2b$05$${SALT}${DIGEST}A`,
    `$2b$05$${SALT}${DIGEST}\n`,
    ` $2b$05$${SALT}${DIGEST}`,
    `$2b$05$${SALT}${DIGEST.replace('B', '=')}`,
    `$bcrypt-sha256$2b,5$${SALT}$${DIGEST}`,
    `$bcrypt-sha256$v=1,t=2b,r=5$${SALT}$${DIGEST}`,
    `$bcrypt-sha256$v=2,t=2a,r=5$${SALT}$${DIGEST}`,
    `$bcrypt-sha256$v=2,t=2b,r=5$${SALT}${DIGEST}`,
    '$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$aGFzaA',
  ])('does not read %j', (stored) => {
    expect(parseStoredHash(stored)).toBeUndefined();
  });
});

describe('formatBcryptSha256', () => {
  it("writes passlib's form, without a zero before the rounds", () => {
    const stored = `$bcrypt-sha256$v=2,t=2b,r=5$${SALT}$${DIGEST}`;
    expect(formatBcryptSha256(`$2b$05$${SALT}${DIGEST}`)).toBe(stored);
  });

  it('takes a bcrypt hash only', () => {
    expect(() => formatBcryptSha256('nothing')).toThrow(TypeError);
  });
});
