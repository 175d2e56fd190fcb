/**
 * One of two workers on an SQLite file gets SIGKILL under load, again and again. Requests on its connections
 * lose their response; all others are served by the other one, another takes its place, and a token that was revoked
 * just before stays so.
 */
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { highest, share, statuses } from './support/figures.js';
import { logIn, readProfile, revoke } from './support/http.js';
import { startLoad } from './support/load.js';
import { refresherOf } from './support/outage.js';
import { startService, stateOf, until } from './support/processes.js';
import { makeUsers, PASSWORD, tokensOf } from './support/users.js';

export const claim =
  'a worker that is killed under load costs the requests on it, and is replaced within 5 s';

/** Between two, in ms: one that ends within 10 s of its start counts as broken, and is replaced after a pause. */
const PAUSE = 6_000;

const READERS = 8;
const REFRESHERS = 4;

/** How long until clients on a connection of the killed one have noticed, in ms. */
const NOTICED = 500;

export async function run(experiment) {
  const rounds = experiment.isQuick ? 3 : 12;
  const changes = { WORKERS: '2' };
  const { child, url, folder, log } = await startService(experiment, changes);
  const names = await makeUsers(folder, changes, READERS + REFRESHERS + rounds);
  const tokens = [];
  for (const name of names) tokens.push(await tokensOf(url, name));
  const readers = tokens.splice(0, READERS);
  const loads = [
    startLoad(READERS, (i) => readProfile(url, readers[i].access), 5),
    startLoad(REFRESHERS, refresherOf(url, tokens.splice(0, REFRESHERS)), 5),
    startLoad(1, () => logIn(url, names[0], PASSWORD), 100),
  ];
  const kills = [];
  for (const { access, refresh } of tokens) {
    await sleep(PAUSE);
    const [oldest] = childrenOf(child.pid);
    const revoked = await revoke(url, refresh);
    const replaced = untilAnotherAnswers(url, readers[0].access, log);
    const begin = performance.now();
    process.kill(oldest, 'SIGKILL');
    await sleep(NOTICED);
    const refused = await readProfile(url, access);
    await replaced;
    kills.push({ begin, ms: performance.now() - begin, revoked, refused });
  }
  const answers = (await Promise.all(loads.map(({ stop }) => stop()))).flat();
  report(experiment, { kills, answers });
  experiment.is('the process that started them', stateOf(child), 'is running');
}

function report(experiment, { kills, answers }) {
  experiment.atLeast('workers killed', kills.length, 1);
  experiment.atMost('slowest replacement', highest(kills), 5_000);
  const untouched = answers.filter(({ begun, ms }) =>
    kills.every(({ begin }) => begun + ms < begin || begun > begin + NOTICED),
  );
  experiment.report(
    `200 but for ${NOTICED} ms`,
    ...share(untouched, ({ status }) => status === 200),
  );
  const wrong = answers.filter(({ status }) => status !== 200 && status !== 0);
  experiment.report('answers', statuses(answers));
  experiment.is('answers but 200 and a cut connection', statuses(wrong) || 'none', 'none');
  experiment.atMost('slowest answer', highest(answers), 2_000);
  const stay = kills.filter(({ revoked }) => revoked.status === 200);
  experiment.report(
    'refused what was revoked just before',
    ...share(
      stay.map(({ refused }) => refused),
      ({ status }) => status === 401,
    ),
  );
}

/** Sends requests on new connections until a new worker has answered. */
async function untilAnotherAnswers(url, token, log) {
  const known = workersIn(log);
  const agent = new Agent({ keepAlive: false });
  await until(async () => {
    await readProfile(url, token, { agent });
    return [...workersIn(log)].some((worker) => !known.has(worker));
  });
}

/** The numbers of those that have answered a request. A number is never given twice. */
const workersIn = (log) =>
  new Set([...readFileSync(log, 'utf8').matchAll(/"worker":(\d+)/g)].map(([, number]) => number));

/** The processes that this one has started and that live, the oldest first. */
function childrenOf(pid) {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}
