import { performance } from 'node:perf_hooks';
import bcrypt from 'bcrypt';
import type { Check } from '../finding.js';
import type { Installation } from './installation.js';

/** What a login may cost, in milliseconds: expensive for an attacker, bearable for a person. */
const TARGET_MS = 250;

const ROUNDS = 3;

const hashesCostEnough: Check<Installation> = async ({ env: { BCRYPT_COST: cost } }) => {
  if (cost === undefined) return [];
  const typical = await measure(cost);
  const better = recommendCost(cost, typical);
  if (better === cost) return [];
  const figures = `A password hash of BCRYPT_COST=${cost} takes ${Math.round(typical)} ms here`;
  return [
    {
      id: better > cost ? 'hash_cheap' : 'hash_dear',
      severity: better > cost + 1 ? 'warning' : 'note',
      what: `${figures}; the aim is ${TARGET_MS} ms`,
      why:
        better > cost
          ? 'An attacker who has the database can guess faster than necessary'
          : 'A core serves few logins a second, and people wait',
      do: `BCRYPT_COST=${better}; hashes are renewed as people log in`,
    },
  ];
};

/** Each increment doubles the time. @param typical milliseconds */
export function recommendCost(cost: number, typical: number): number {
  const steps = Math.round(Math.log2(TARGET_MS / typical));
  return Math.min(15, Math.max(10, cost + steps));
}

async function measure(cost: number): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now();
    await bcrypt.hash('a password that nobody has', cost);
    times.push(performance.now() - begin);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
}

export const hashChecks: readonly Check<Installation>[] = [hashesCostEnough];
