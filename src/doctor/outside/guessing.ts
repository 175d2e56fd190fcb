import type { Check, Finding } from '../finding.js';
import { type Instance, randomName } from './instance.js';

/** One more than latchkey permits for a name from one address, and one to see it. */
const GUESSES = 7;

/** Below what it permits. */
const ROUNDS = 4;

/** How far medians may be apart, as a share of the longer and in milliseconds. */
const TOLERANCE = 0.25;
const NOISE_MS = 30;

/**
 * Names are random, so nobody is locked out. A client that sends a different X-Forwarded-For each time is one address
 * all the same, unless the header is trusted.
 */
const stopsGuessing: Check<Instance> = async (instance) => {
  const disguised = await guess(instance, (n) => ({ 'X-Forwarded-For': `198.51.100.${n + 1}` }));
  if (disguised === 'stopped') return [];
  if (disguised === 'unclear') return [unclear('limits_unknown', 'Logins are not answered 401')];
  const plain = await guess(instance, () => ({}));
  if (plain === 'stopped') {
    return [
      {
        id: 'forwarded_believed',
        severity: 'serious',
        what: 'Wrong passwords from one address are not stopped if each has a different X-Forwarded-For',
        why: 'Clients choose their own address: limits stop nobody, and the log has forged addresses',
        do: 'TRUSTED_PROXIES with your proxies only, which replace the header (deploy/nginx.conf). Where this machine is itself a proxy, run this from another',
      },
    ];
  }
  return [
    {
      id: 'guessing_unlimited',
      severity: 'serious',
      what: `${GUESSES} wrong passwords for one name were all checked`,
      why: 'Passwords can be guessed as fast as the machine hashes',
      do: 'Check LOGIN_LIMIT_PAIR, and the version of latchkey',
    },
  ];
};

const takesTheSameTime: Check<Instance> = async (instance) => {
  const { knownUser } = instance;
  if (knownUser === undefined) {
    return [
      unclear(
        'login_time_unknown',
        'The login time of known and unknown users was not compared',
        'Name a user with --known-user: some wrong passwords are sent, fewer than lock it',
      ),
    ];
  }
  const known: number[] = [];
  const unknown: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, times] of [
      [knownUser, known],
      [randomName(), unknown],
    ] as const) {
      const { status, ms } = await instance.logIn(name);
      if (status !== 401) return [unclear('login_time_unknown', `A login was answered ${status}`)];
      times.push(ms);
    }
  }
  if (!areApart(known, unknown)) return [];
  return [
    {
      id: 'login_time_differs',
      severity: 'serious',
      what: `A wrong password takes ${Math.round(median(known))} ms for a known user, and ${Math.round(median(unknown))} ms for an unknown one`,
      why: 'The time reveals to anyone which usernames exist',
      do: 'Check whether hashes of another cost or kind are stored, and the version of latchkey',
    },
  ];
};

/** Clearly: the medians differ, and the two sets of times hardly overlap. */
export function areApart(a: readonly number[], b: readonly number[]): boolean {
  const [low, high] = median(a) < median(b) ? [a, b] : [b, a];
  const difference = median(high) - median(low);
  if (difference < Math.max(NOISE_MS, TOLERANCE * median(high))) return false;
  const sorted = high.toSorted((x, y) => x - y);
  return low.filter((time) => time >= (sorted[0] ?? 0)).length <= low.length / 4;
}

function median(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

async function guess(
  instance: Instance,
  headersOf: (n: number) => Record<string, string>,
): Promise<'stopped' | 'goes on' | 'unclear'> {
  const username = randomName();
  for (let n = 0; n < GUESSES; n++) {
    const { status } = await instance.logIn(username, headersOf(n));
    // At the first one the limit of the caller's own address is reached, which says nothing about this.
    if (status === 429) return n === 0 ? 'unclear' : 'stopped';
    if (status !== 401) return 'unclear';
  }
  return 'goes on';
}

function unclear(id: string, what: string, remedy = 'Try again in five minutes'): Finding {
  return { id, severity: 'note', what, why: 'Nothing is known about it then', do: remedy };
}

/** In this order: what is counted for the address grows with each wrong password. */
export const guessingChecks: readonly Check<Instance>[] = [takesTheSameTime, stopsGuessing];
