/**
 * Another process holds SQLite's lock for 10 s: first the one for writing, then the exclusive one, as a backup or a
 * careless script might. Readers must not notice, writers must be told soon to try again, and when the lock
 * is gone everything must continue on its own.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isUnavailable, logIn, readProfile, send } from './support/http.js';
import { highest, share } from './support/figures.js';
import { holdLock } from './support/lock-holder.js';
import { startService, stateOf, until } from './support/processes.js';
import { makeUsers, PASSWORD, tokensOf } from './support/users.js';

export const claim =
  'a database that another process has locked for 10 s stops no reader, and writers not for long';

/** In milliseconds. */
const HELD = 10_000;
const HELD_QUICKLY = 5_000;

export async function run(experiment) {
  const service = await startService(experiment);
  const [name] = await makeUsers(service.folder, {}, 1);
  const { access } = await tokensOf(service.url, name);
  for (const kind of ['IMMEDIATE', 'EXCLUSIVE'])
    await oneLock(experiment, service, { kind, name, access });
}

async function oneLock(experiment, { url, folder, child }, { kind, name, access }) {
  const lock = await holdLock(experiment, `${folder}/users.db`, kind);
  const deadline = performance.now() + (experiment.isQuick ? HELD_QUICKLY : HELD);
  const [reads, writes, ready] = await Promise.all([
    repeat(deadline, () => readProfile(url, access), 20),
    Promise.all(
      [1, 2, 3].map(() => repeat(deadline - 3_000, () => logIn(url, name, PASSWORD), 50)),
    ),
    repeat(deadline, () => send(`${url}/health/ready`), 100),
  ]);
  await lock.release();
  const released = performance.now();
  await until(async () => (await logIn(url, name, PASSWORD)).status === 200, 10_000);
  const recovery = performance.now() - released;
  const written = writes.flat();
  experiment.report(`${kind}: reads answered 200`, ...share(reads, ({ status }) => status === 200));
  experiment.atMost(`${kind}: slowest of ${reads.length} reads`, highest(reads), 100);
  experiment.report(
    `${kind}: writes answered 503 with Retry-After`,
    ...share(written, isUnavailable),
  );
  experiment.atMost(`${kind}: slowest of ${written.length} writes`, highest(written), 3_000);
  experiment.report(`${kind}: ready`, ...share(ready, ({ status }) => status === 200));
  experiment.atMost(`${kind}: a login works after the end of the lock`, recovery, 1_000);
  experiment.is(`${kind}: the process`, stateOf(child), 'is running');
}

/** @returns the answers until the time */
async function repeat(deadline, once, pause) {
  const answers = [];
  while (performance.now() < deadline) {
    answers.push(await once());
    await sleep(pause);
  }
  return answers;
}
