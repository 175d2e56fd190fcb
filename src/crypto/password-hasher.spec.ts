import { describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import { bcryptWork } from '../../test/support/bcrypt-work.js';
import { HashingQueue } from './hashing-queue.js';
import { PasswordHasher } from './password-hasher.js';

const COST = 10;
const hasher = new PasswordHasher(new HashingQueue(), { bcryptCost: COST });

/** From the documents and tests of passlib, and from PHP's for `$2y$`. */
const ELSEWHERE = {
  $2a$: [
    't\u00e1\u0411\u2113\u0259',
    '$2a$05$Z17AXnnlpzddNUvnC6cZNOSwMA/8oNiKnHTHTwLlBijfucQQlHjaG',
  ],
  $2b$: ['password', '$2b$12$c5g7ZUHAdOInIKYNSRMxj.osA4dpdcd03cfQN0RXa5sBuiGM1xR2y'],
  $2y$: ['rasmuslerdorf', '$2y$10$.vGA1O9wmRjrwAVXD98HNOgsNpDczlqm3Jq7KnEd1rVAGv3Fykk1a'],
  'bcrypt-sha256': [
    'password',
    '$bcrypt-sha256$v=2,t=2b,r=12$n79VH.0Q2TMWmt3Oqt9uku$Kq4Noyk3094Y2QlB8NdRT8SvGiI4ft2',
  ],
  'bcrypt-sha256 with few rounds': [
    'password',
    '$bcrypt-sha256$v=2,t=2b,r=5$5Hg1DKFqPE8C2aflZ5vVoe$wOK1VFFtS8IGTrGa7.h5fs0u84qyPbS',
  ],
} as const;

describe('PasswordHasher', () => {
  it.each(Object.entries(ELSEWHERE))(
    'verifies %s made elsewhere',
    async (_, [password, stored]) => {
      expect(await hasher.verify(password, stored)).toMatchObject({ matches: true });
      const mismatch = { matches: false, reason: 'mismatch' };
      expect(await hasher.verify(`${password}x`, stored)).toEqual(mismatch);
    },
  );

  it.each([
    ['72 bytes', 'x'.repeat(72), /^\$2b\$10\$.{53}$/],
    ['72 bytes of 36 characters', 'ä'.repeat(36), /^\$2b\$10\$.{53}$/],
    ['73 bytes', 'x'.repeat(73), /^\$bcrypt-sha256\$v=2,t=2b,r=10\$.{22}\$.{31}$/],
    ['1024 bytes', 'x'.repeat(1024), /^\$bcrypt-sha256\$v=2,t=2b,r=10\$.{22}\$.{31}$/],
    ['a NUL', 'correct\0horse', /^\$bcrypt-sha256\$v=2,t=2b,r=10\$.{22}\$.{31}$/],
  ])('hashes %s, and reads every byte', async (_, password, form) => {
    const stored = await hasher.hash(password);
    expect(stored).toMatch(form);
    expect(await hasher.verify(password, stored)).toEqual({ matches: true, needsRehash: false });
    for (const other of [`${password}x`, `${password}\0`, password.slice(0, -1)]) {
      expect(await hasher.verify(other, stored)).toMatchObject({ matches: false });
    }
  });

  it('hashes nothing longer than 1024 bytes', () => {
    expect(() => hasher.hash('x'.repeat(1025))).toThrow(RangeError);
  });

  it.each([
    ['lower than the configured one', COST - 1, true],
    ['the configured one', COST, false],
    ['higher than the configured one', COST + 1, false],
  ])('wants another hash or not, where the cost is %s', async (_, cost, needsRehash) => {
    const stored = bcrypt.hashSync('correct horse', cost);
    const verdict = await hasher.verify('correct horse', stored);
    expect(verdict).toEqual({ matches: true, needsRehash });
  });

  const long = 'x'.repeat(1025);
  it.each([
    ['no hash', 'wrong', null],
    ['an unreadable hash', 'wrong', 'correct horse'],
    ['a hash of the lowest cost', 'wrong', bcrypt.hashSync('correct horse', 4)],
    ['a hash of a lower cost', 'wrong', bcrypt.hashSync('correct horse', COST - 1)],
    ['a hash of the configured cost', 'wrong', bcrypt.hashSync('correct horse', COST)],
    ['a cheap bcrypt-sha256', 'wrong', ELSEWHERE['bcrypt-sha256 with few rounds'][1]],
    ['a password too long, and no hash', long, null],
    ['a password too long, and a cheap hash', long, bcrypt.hashSync(long, 4)],
    ['a password too long, and a hash of the configured cost', long, bcrypt.hashSync(long, COST)],
    ['a password with a NUL, and a cheap hash', 'a\0b', bcrypt.hashSync('a', 4)],
  ])('does the same work for a refusal, whatever was stored: %s', async (_, password, stored) => {
    const work = await bcryptWork(async () => {
      expect(await hasher.verify(password, stored)).toMatchObject({ matches: false });
    });
    expect(work).toBe(2 ** COST);
  });
});
