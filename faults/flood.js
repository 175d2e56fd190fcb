/**
 * 500 connections log in without pause. Logged-in users must hardly notice, clients that are let in must not wait
 * long, and all others must be told at once to try again; and when it is over everything must be as before. The
 * flood is a separate program with a lower priority, since on this machine it competes with the service. What
 * it measures is late for that reason, so the service's own log says how long each login took.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { highest, quantile, share } from './support/figures.js';
import { logIn, readProfile } from './support/http.js';
import { startProgram, startService, stateOf } from './support/processes.js';
import { makeUsers, PASSWORD, tokensOf } from './support/users.js';

export const claim = '500 connections that log in without pause do not touch the rest';

const CLIENTS = fileURLToPath(new URL('support/flood-clients.js', import.meta.url));
const CONNECTIONS = 500;
const USERS = 200;

const FLOODS = {
  'wrong passwords of one user': { form: { username: 'user1', password: 'guess' } },
  'unknown names from many addresses': {
    form: { username: 'nobody#', password: 'guess' },
    users: 1_000_000,
    addresses: true,
  },
  'right passwords from many addresses': {
    form: { username: 'user#', password: PASSWORD },
    users: USERS,
    addresses: true,
  },
  'the right password of one user': { form: { username: 'user2', password: PASSWORD } },
};

export async function run(experiment) {
  for (const [name, flood] of Object.entries(FLOODS)) await oneFlood(experiment, name, flood);
}

async function oneFlood(experiment, name, flood) {
  const service = await startService(experiment, {
    NODE_ENV: 'production',
    BCRYPT_COST: '12',
    TRUSTED_PROXIES: '127.0.0.1',
  });
  const names = await makeUsers(service.folder, {}, USERS);
  const { access } = await tokensOf(service.url, names.at(-1));
  await readAlong(service, access, 2_000);
  const quiet = residentMegabytes(service.child);
  const seconds = experiment.isQuick ? 6 : 15;
  const ended = startFlood({ url: service.url, connections: CONNECTIONS, seconds, ...flood });
  const along = await readAlong(service, access, seconds * 1_000, quiet);
  const { byStatus, withoutRetryAfter, broken } = await ended;
  const over = performance.now();
  const login = await logIn(service.url, names.at(-2), PASSWORD, {
    headers: { 'X-Forwarded-For': '203.0.113.9' },
  });
  const recovery = performance.now() - over;
  const after = await readAlong(service, access, 2_000);

  const letIn = loginsIn(service.log, 200, 401);
  const refused = loginsIn(service.log, 429, 503);
  const others = byStatus.filter(({ status }) => ![200, 401, 429, 503].includes(status));
  experiment.note(
    `${name}: ${byStatus.map(({ status, count }) => `${status}: ${count}`).join(', ')}`,
  );
  experiment.report('profiles read', ...share(along.answers, ({ status }) => status === 200));
  experiment.atMost('their 99th percentile', quantile(along.answers, 0.99), 100);
  experiment.atMost('the slowest login that was let in', highest(letIn), 3_000);
  experiment.is('answers but 200, 401, 429, 503', others.length, 0);
  experiment.is('refusals without Retry-After', withoutRetryAfter, 0);
  experiment.is('broken connections', broken, 0);
  experiment.atMost('99th percentile of the refusals', quantile(refused, 0.99), 1_000);
  experiment.atMost('memory more', along.grown, 100, 'MB');
  experiment.is('a login when it is over', login.status, 200);
  experiment.atMost('which took', recovery, 3_000);
  experiment.atMost('99th percentile of profiles after it', quantile(after.answers, 0.99), 100);
  experiment.is('the process', stateOf(service.child), 'is running');
  service.child.kill('SIGTERM');
  await once(service.child, 'exit');
}

/** The logins that were answered with this status, from the log. */
function loginsIn(log, ...wanted) {
  const lines = readFileSync(log, 'utf8').split('\n');
  return lines
    .filter((line) => line.includes('"route":"/token"'))
    .map((line) => JSON.parse(line))
    .filter(({ status }) => wanted.includes(status));
}

/** @returns what the clients saw, at the end */
async function startFlood(options) {
  const child = startProgram(process.execPath, [CLIENTS, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last = '';
  const lines = createInterface(child.stdout).on('line', (line) => (last = line));
  await once(lines, 'close');
  return JSON.parse(last);
}

/** Reads profiles over some connections, 100 a second, and measures the memory meanwhile. */
async function readAlong({ url, child }, token, duration, before = 0) {
  const deadline = performance.now() + duration;
  const answers = [];
  let grown = 0;
  const reader = async () => {
    while (performance.now() < deadline) {
      answers.push(await readProfile(url, token));
      grown = Math.max(grown, residentMegabytes(child) - before);
      await sleep(40);
    }
  };
  await Promise.all([reader(), reader(), reader(), reader()]);
  return { answers, grown, slowest: highest(answers) };
}

function residentMegabytes({ pid }) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024;
}
