/**
 * A hundred wrong passwords for one user at the same time, on an SQLite file that two workers share. The limit is five
 * for both together, a restart does not reset it, and nobody else is locked out.
 */
import { areLetIn, guessAtOnce, isKeptOut } from './support/guessing.js';
import { end, startService } from './support/processes.js';
import { makeUsers } from './support/users.js';

export const claim =
  '100 wrong passwords at once at two workers on SQLite are 5 guesses, also after a restart';

export async function run(experiment) {
  const changes = { WORKERS: '2' };
  const { child, url, folder } = await startService(experiment, changes);
  const [victim, ...others] = await makeUsers(folder, changes, 4);
  await guessAtOnce(experiment, url, victim);
  await isKeptOut(experiment, url, victim, 'then');
  await end(child);
  const again = await startService(experiment, changes, { folder });
  await isKeptOut(experiment, again.url, victim, 'after a restart');
  await areLetIn(experiment, again.url, others);
}
