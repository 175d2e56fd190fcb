/**
 * PostgreSQL's connections are ended by an administrator again and again while requests are on them
 * (pg_terminate_backend), as a failover does. Their requests get 503 with Retry-After; the dead ones leave the pool.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { highest, share, statuses } from './support/figures.js';
import { logIn, readProfile } from './support/http.js';
import { startLoad } from './support/load.js';
import { refresherOf } from './support/outage.js';
import { PostgresServer } from './support/postgres.js';
import { startService, stateOf } from './support/processes.js';
import { makeUsers, PASSWORD, tokensOf } from './support/users.js';

export const claim =
  'connections that PostgreSQL ends under load cause a few 503s, and nothing more';

const ROUNDS = 20;

export async function run(experiment) {
  const postgres = await PostgresServer.start(experiment);
  const changes = { DATABASE_URL: postgres.url() };
  const { url, folder, child } = await startService(experiment, changes);
  const names = await makeUsers(folder, changes, 6);
  const tokens = await Promise.all(names.map((name) => tokensOf(url, name)));
  const loads = [
    startLoad(20, (i) => readProfile(url, tokens[i % 6].access), 5),
    startLoad(4, refresherOf(url, tokens), 5),
    startLoad(2, (i) => logIn(url, names[i], PASSWORD), 50),
  ];
  let killed = 0;
  for (let round = 0; round < ROUNDS; round++) {
    await sleep(200);
    killed += (
      await postgres.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'latchkey'`)
    ).length;
  }
  const end = performance.now();
  await sleep(2_000);
  const answers = (await Promise.all(loads.map(({ stop }) => stop()))).flat();
  experiment.atLeast('connections ended', killed, ROUNDS);
  const wrong = answers.filter(({ status }) => status !== 200 && status !== 503);
  experiment.report('answers', statuses(answers));
  experiment.is('answers but 200 and 503', statuses(wrong) || 'none', 'none');
  experiment.atMost(`slowest answer of ${answers.length}`, highest(answers), 2_000);
  const after = answers.filter(({ begun }) => begun > end + 500);
  experiment.report(
    '200 from 0.5 s after the last',
    ...share(after, ({ status }) => status === 200),
  );
  experiment.is('the process', stateOf(child), 'is running');
}
