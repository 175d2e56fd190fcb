/**
 * A hundred wrong passwords for one user at the same time, which nginx spreads over three instances. The limit is five
 * for all of them together, an instance that is started later enforces it too, and nobody else is locked out.
 */
import { areLetIn, guessAtOnce, isKeptOut } from './support/guessing.js';
import { startInstances } from './support/instances.js';
import { startService } from './support/processes.js';
import { makeUsers } from './support/users.js';

export const claim = '100 wrong passwords at once through three instances are 5 guesses';

export async function run(experiment) {
  const { url, folder, settings } = await startInstances(experiment);
  const [victim, ...others] = await makeUsers(folder, settings, 4);
  await guessAtOnce(experiment, url, victim);
  const fresh = await startService(experiment, settings);
  await isKeptOut(experiment, url, victim, 'at an instance then');
  await isKeptOut(experiment, fresh.url, victim, 'at a fresh instance then');
  await areLetIn(experiment, url, others);
}
