/**
 * PgBouncer in transaction mode between two instances and PostgreSQL, as hosted ones often have it: a connection is
 * another one for each transaction, and what was set or locked on it is gone. With the migrations run past it, the
 * service must be as correct as without: refreshes of one token at once, logouts, and the feed of them.
 */
import { share } from './support/figures.js';
import { readProfile, refresh, revoke } from './support/http.js';
import { startPgBouncer } from './support/pgbouncer.js';
import { PostgresServer } from './support/postgres.js';
import { startService } from './support/processes.js';
import { makeUsers, tokensOf } from './support/users.js';

export const claim = 'PgBouncer in transaction mode changes nothing, once its settings are right';

/** Parameters that latchkey sends at the start of a connection, and PgBouncer does not know. */
const PARAMETERS = ['statement_timeout', 'idle_in_transaction_session_timeout'];

export async function run(experiment) {
  const postgres = await PostgresServer.start(experiment);
  // Past the pooler: the migrations' lock is held by a connection, not by a transaction.
  const names = await makeUsers(experiment.folder(), { DATABASE_URL: postgres.url() }, 10);
  const through = (port) => ({ DATABASE_URL: postgres.url(port), DATABASE_MIGRATE: 'false' });

  const strict = await startPgBouncer(experiment, postgres, []);
  const refused = await startService(experiment, through(strict)).catch((error) => error);
  const said = /unsupported startup parameter: \w+/.exec(refused.message)?.[0] ?? 'it started';
  experiment.is(
    'with nothing set it says',
    said,
    `unsupported startup parameter: ${PARAMETERS[0]}`,
  );

  const port = await startPgBouncer(experiment, postgres, PARAMETERS);
  const instances = [
    await startService(experiment, through(port)),
    await startService(experiment, through(port)),
  ];
  await useBoth(experiment, instances, names);
}

async function useBoth(experiment, [one, other], names) {
  const granted = [];
  const successors = [];
  const before = [];
  const after = [];
  const logins = [];
  for (const name of names) logins.push(await tokensOf(one.url, name));
  await Promise.all(
    logins.map(async (tokens) => {
      const all = await Promise.all(
        Array.from({ length: 20 }, (_, i) => refresh((i % 2 ? one : other).url, tokens.refresh)),
      );
      granted.push(...all);
      const good = all.filter(({ status }) => status === 200).map((answer) => answer.json());
      successors.push(new Set(good.map(({ refresh_token }) => refresh_token)).size);
      before.push(await readProfile(other.url, tokens.access));
      await revoke(one.url, good[0].refresh_token);
      after.push(await readProfile(other.url, tokens.access));
    }),
  );
  const isOk = ({ status }) => status === 200;
  experiment.report('refreshes granted', ...share(granted, isOk));
  experiment.is('successors of a token', [...new Set(successors)], [1]);
  experiment.report('tokens accepted by the other instance', ...share(before, isOk));
  experiment.report(
    'tokens refused after the logout',
    ...share(after, ({ status }) => status === 401),
  );
}
