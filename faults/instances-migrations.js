/**
 * Three instances start at the same moment on an empty database: each must wait for the others'
 * migrations, and none may fail or run one twice.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { PostgresServer } from './support/postgres.js';
import { end, startService } from './support/processes.js';
import { makeUsers, tokensOf } from './support/users.js';
import { readProfile } from './support/http.js';
import { share } from './support/figures.js';

export const claim = 'three instances that start at once on an empty PostgreSQL migrate it once';

export async function run(experiment) {
  const postgres = await PostgresServer.start(experiment);
  const answers = [];
  const rounds = experiment.isQuick ? 2 : 5;
  let started = 0;
  let isOnce = true;
  for (let round = 1; round <= rounds; round++) {
    const name = `round${round}`;
    await postgres.query(`CREATE DATABASE ${name}`);
    const settings = { DATABASE_URL: postgres.url(postgres.port, name) };
    const instances = await Promise.all(
      [0, 1, 2].map((i) => sleep(i * round * 10).then(() => startService(experiment, settings))),
    );
    started += instances.length;
    const [user] = await makeUsers(instances[0].folder, settings, 1);
    // Each accepts what every other one issued.
    for (const { url } of instances) {
      const { access } = await tokensOf(url, user);
      for (const other of instances) answers.push(await readProfile(other.url, access));
    }
    const rows = await postgres.query('SELECT name FROM migrations', [], name);
    isOnce &&= rows.length > 1 && new Set(rows.map((row) => row.name)).size === rows.length;
    for (const { child } of instances) await end(child);
  }
  experiment.is(`instances that came up in ${rounds} rounds`, started, 3 * rounds);
  experiment.is('every migration is in the table once', isOnce, true);
  experiment.report(
    'tokens of one accepted by each',
    ...share(answers, ({ status }) => status === 200),
  );
}
