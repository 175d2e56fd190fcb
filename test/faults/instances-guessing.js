/**
 * A hundred wrong passwords for one user at the same time, which nginx spreads over three instances. The limit is five
 * for all of them together, an instance that is started later knows it too, and nobody else is kept out.
 */
import { share, statuses } from './support/figures.js';
import { logIn } from './support/http.js';
import { startInstances } from './support/instances.js';
import { startService } from './support/processes.js';
import { makeUsers, PASSWORD } from './support/users.js';

export const claim = '100 wrong passwords at once through three instances are 5 guesses';

const GUESSES = 100;

/** Wrong passwords for one user from one address, unless it is configured otherwise. */
const LIMIT = 5;

export async function run(experiment) {
  const { url, folder, settings } = await startInstances(experiment);
  const [victim, ...others] = await makeUsers(folder, settings, 4);
  const answers = await Promise.all(
    Array.from({ length: GUESSES }, (_, i) => logIn(url, victim, `wrong password ${i}`)),
  );
  experiment.note(statuses(answers));
  const looked = answers.filter(({ status }) => status === 400 || status === 401);
  experiment.is('guesses that were looked at', looked.length, LIMIT);
  const refused = answers.filter((answer) => !looked.includes(answer));
  experiment.report('the others are told when to come back', ...share(refused, isToldWhen));

  const fresh = await startService(experiment, settings);
  for (const [name, place] of Object.entries({ 'an instance': url, 'a fresh instance': fresh.url }))
    experiment.is(
      `the right password at ${name} then`,
      (await logIn(place, victim, PASSWORD)).status,
      429,
    );
  const logins = await Promise.all(others.map((other) => logIn(url, other, PASSWORD)));
  experiment.report('others log in', ...share(logins, ({ status }) => status === 200));
}

const isToldWhen = ({ status, headers }) =>
  [429, 503].includes(status) && Number(headers['retry-after']) > 0;
