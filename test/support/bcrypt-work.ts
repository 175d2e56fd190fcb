import { jest } from '@jest/globals';
import bcrypt from 'bcrypt';

/** Runs something and counts what bcrypt computes meanwhile. @returns its rounds, two to the power of each cost */
export async function bcryptWork(run: () => Promise<unknown>): Promise<number> {
  const compare = jest.spyOn(bcrypt, 'compare');
  const hash = jest.spyOn(bcrypt, 'hash');
  try {
    await run();
    const salts = [...compare.mock.calls, ...hash.mock.calls].map(([, salt]) => String(salt));
    return salts.reduce((sum, salt) => sum + roundsOf(salt), 0);
  } finally {
    compare.mockRestore();
    hash.mockRestore();
  }
}

/** bcrypt skips the work, silently, for what it can't read: it has to be a salt that bcrypt accepts. */
function roundsOf(salt: string): number {
  return bcrypt.hashSync('', salt).startsWith(salt.slice(0, 29)) ? 2 ** bcrypt.getRounds(salt) : 0;
}
