/**
 * A page with several tabs sends one refresh token many times at once, and nginx spreads the requests over three
 * instances. Exactly one successor must result, the same for all, and nobody may be logged out. Then the same
 * for many sessions in parallel, over several generations.
 */
import { startInstances } from './support/instances.js';
import { share } from './support/figures.js';
import { refresh } from './support/http.js';
import { makeUsers, tokensOf } from './support/users.js';

export const claim =
  'a refresh token sent 20 times at once through three instances has one successor, and ends no session';

const TABS = 20;

export async function run(experiment) {
  const cluster = await startInstances(experiment);
  const count = experiment.isQuick ? 5 : 20;
  const names = await makeUsers(cluster.folder, cluster.settings, count);
  const logins = [];
  for (const name of names) logins.push(await tokensOf(cluster.url, name));

  await generations(experiment, cluster.url, 'one session', logins.slice(0, 1), 20);
  await generations(experiment, cluster.url, `${count} sessions`, logins, 5);

  const [{ sessions, ended }] = await cluster.postgres.query(
    'SELECT count(*)::int AS sessions, count(revoked_at)::int AS ended FROM sessions',
  );
  experiment.is('rows of sessions', sessions, count);
  experiment.is('sessions that were ended', ended, 0);
}

/** Refreshes each session 20 times at once, and repeats that with the successor, `times` times. */
async function generations(experiment, url, what, logins, times) {
  const answers = [];
  let successors = 0;
  for (let i = 0; i < times; i++) {
    await Promise.all(
      logins.map(async (login) => {
        const all = await Promise.all(
          Array.from({ length: TABS }, () => refresh(url, login.refresh)),
        );
        answers.push(...all);
        const granted = all.filter(({ status }) => status === 200);
        const different = new Set(granted.map((answer) => answer.json().refresh_token));
        successors += different.size;
        if (different.size > 0) [login.refresh] = different;
      }),
    );
  }
  experiment.report(
    `${what}: refreshes granted`,
    ...share(answers, ({ status }) => status === 200),
  );
  experiment.is(`${what}: successors in ${times} generations`, successors, times * logins.length);
}
