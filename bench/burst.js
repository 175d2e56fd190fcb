import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import bcrypt from 'bcrypt';
import { addUsers, makeFolder, PASSWORD, startService, stop } from './setup.js';
import { row, ROUNDS } from './table.js';

const PEOPLE = 16;
const CORES = availableParallelism();

/** A hash takes twice as long as with the default cost, as on a machine that is half as fast. */
const COST = 13;

/** 16 people who log in once, at the same time, while the line is empty. None of them may be refused. */
export async function measureBurst() {
  const folder = makeFolder();
  const service = await startService(folder, { BCRYPT_COST: String(COST) });
  await addUsers(folder, PEOPLE, COST);
  let refused = 0;
  let slowest = 0;
  for (let i = 0; i < ROUNDS; i++) {
    const statuses = await Promise.all(Array.from({ length: PEOPLE }, (_, k) => logIn(service, k)));
    refused += statuses.filter((status) => status !== 200).length;
    slowest = Math.max(slowest, await slowestHash());
    await sleep(1_000);
  }
  const seconds = ((slowest * PEOPLE) / CORES / 1000).toFixed(1);
  const floor = `${seconds} s slowest hash * 16 / ${CORES}`;
  row('refusals when 16 log in at once', String(refused), floor, '', '0');
  await stop(service);
}

async function logIn({ url }, k) {
  const body = new URLSearchParams({ username: `user${k + 1}`, password: PASSWORD });
  return (await fetch(`${url}/token`, { method: 'POST', body })).status;
}

/** In milliseconds: of as many as are computed for those people, by bcrypt alone, one per core at a time. */
async function slowestHash() {
  const hash = await bcrypt.hash(PASSWORD, COST);
  const times = [];
  const core = async () => {
    while (times.length < PEOPLE) {
      const begin = performance.now();
      await bcrypt.compare(PASSWORD, hash);
      times.push(performance.now() - begin);
    }
  };
  await Promise.all(Array.from({ length: CORES }, core));
  return Math.max(...times);
}
