import { share, statuses } from './figures.js';
import { logIn } from './http.js';
import { PASSWORD } from './users.js';

const GUESSES = 100;

/** Wrong passwords for one user from one address, unless it is configured otherwise. */
const LIMIT = 5;

/** Guesses a user's password 100 times at once: only as many may be checked as would be one after the other. */
export async function guessAtOnce(experiment, url, victim) {
  const answers = await Promise.all(
    Array.from({ length: GUESSES }, (_, i) => logIn(url, victim, `wrong password ${i}`)),
  );
  experiment.note(statuses(answers));
  const looked = answers.filter(({ status }) => status === 400 || status === 401);
  experiment.is('guesses that were checked', looked.length, LIMIT);
  const refused = answers.filter((answer) => !looked.includes(answer));
  experiment.report('the others have Retry-After', ...share(refused, isToldWhen));
}

const isToldWhen = ({ status, headers }) =>
  [429, 503].includes(status) && Number(headers['retry-after']) > 0;

/** @param where it is tried, as it is printed */
export async function isKeptOut(experiment, url, victim, where) {
  const { status } = await logIn(url, victim, PASSWORD);
  experiment.is(`the right password ${where}`, status, 429);
}

export async function areLetIn(experiment, url, others) {
  const logins = await Promise.all(others.map((other) => logIn(url, other, PASSWORD)));
  experiment.report('others log in', ...share(logins, ({ status }) => status === 200));
}
