import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { highest, share, statuses } from './figures.js';
import { isUnavailable, logIn, readProfile, refresh, revoke, send } from './http.js';
import { startLoad } from './load.js';
import { PostgresServer } from './postgres.js';
import { runCli, startService, stateOf, until } from './processes.js';
import { TcpProxy } from './tcp-proxy.js';
import { makeUsers, PASSWORD, tokensOf } from './users.js';

/** How long PostgreSQL is down, and what must hold meanwhile and after, in milliseconds. */
const AWAY = 7_000;
const ANSWER_LIMIT = 2_000;
const RECOVERY_LIMIT = 5_000;
const LIVENESS_LIMIT = 500;

const READERS = 20;
const REFRESHERS = 4;
const WRITERS = 2;

/**
 * Takes PostgreSQL away from a service under load, restores it, and reports what the clients saw.
 * @param begin takes it away, given the server, the proxy in front of it and the service's port; @param end restores it
 */
export async function outage(experiment, { begin, end }) {
  const postgres = await PostgresServer.start(experiment);
  const proxy = await TcpProxy.start(experiment, postgres.port);
  const changes = { DATABASE_URL: postgres.url(proxy.port), ALGORITHM: 'ES256' };
  const service = await startService(experiment, changes);
  const { url, folder } = service;
  const names = await makeUsers(folder, changes, WRITERS + REFRESHERS);
  const basic = await makeClient(folder, changes);
  const tokens = await Promise.all(names.map((name) => tokensOf(url, name)));
  const load = {
    'GET /users/me': startLoad(
      READERS,
      (i) => readProfile(url, tokens[i % tokens.length].access),
      20,
    ),
    'POST /token (login)': startLoad(WRITERS, (i) => logIn(url, names[i], PASSWORD), 300),
    'POST /token (refresh)': startLoad(REFRESHERS, refresherOf(url, tokens.slice(WRITERS)), 150),
  };
  const health = {
    ready: startLoad(1, () => send(`${url}/health/ready`), 50),
    live: startLoad(1, () => send(`${url}/health/live`), 50),
  };
  await sleep(1_500);
  await begin({ postgres, proxy });
  const gone = performance.now();
  await sleep(AWAY);
  const ending = performance.now();
  await end({ postgres, proxy });
  const back = performance.now();
  await reportRecovery(experiment, { load, health, back });
  await Promise.all([...Object.values(load), ...Object.values(health)].map(({ stop }) => stop()));
  const inside = ({ begun }) => begun >= gone && begun < ending - ANSWER_LIMIT;
  for (const [what, { answers }] of Object.entries(load)) {
    const during = answers.filter(inside);
    experiment.report(`${what}: 503 while it is down`, ...share(during, isUnavailable));
    // Including those in flight when it went down.
    const waiting = answers.filter(({ begun, ms }) => begun + ms > gone);
    experiment.atMost(
      `${what}: slowest answer of ${waiting.length}`,
      highest(waiting),
      ANSWER_LIMIT,
    );
    const others = answers.filter(({ status }) => status !== 200 && status !== 503);
    experiment.is(`${what}: answers but 200 and 503`, statuses(others) || 'none', 'none');
  }
  const known = ({ begun }) => begun >= gone + ANSWER_LIMIT && begun < ending - ANSWER_LIMIT;
  const ready = health.ready.answers;
  experiment.report('readiness 503 while it is down', ...share(ready.filter(known), isUnavailable));
  experiment.report('liveness 200', ...share(health.live.answers, ({ status }) => status === 200));
  experiment.atMost('liveness: slowest answer', highest(health.live.answers), LIVENESS_LIMIT);
  await reportBackground(experiment, { service, name: names[0], tokens: tokens[1], basic });
}

/** Refreshes again with the same token when there was no response, as a client does. */
export function refresherOf(url, tokens) {
  const current = tokens.map((token) => token.refresh);
  return async (i) => {
    const answer = await refresh(url, current[i]);
    if (answer.status === 200) current[i] = answer.json().refresh_token;
    return answer;
  };
}

/** How long after the return everything is answered as usual. */
async function reportRecovery(experiment, { load, health, back }) {
  const kinds = { ...load, readiness: health.ready };
  for (const [what, { since }] of Object.entries(kinds)) {
    const isGood = () => since(back).some(({ status }) => status === 200);
    await until(isGood, 15_000).catch(() => undefined);
    const first = since(back).find(({ status }) => status === 200);
    experiment.atMost(
      `${what}: 200 after the return`,
      first ? first.begun + first.ms - back : Infinity,
      RECOVERY_LIMIT,
    );
  }
  await sleep(Math.max(0, back + RECOVERY_LIMIT - performance.now()));
  const settled = performance.now();
  await sleep(2_000);
  for (const [what, { since }] of Object.entries(kinds))
    experiment.report(
      `${what}: 200 from ${RECOVERY_LIMIT / 1000} s after`,
      ...share(since(settled), ({ status }) => status === 200),
    );
}

/** Background work continues: keys, mail, the watch for revocations. */
async function reportBackground(experiment, { service, name, tokens, basic }) {
  const { url, folder, child, log } = service;
  const feed = (query) =>
    send(`${url}/revocations?${query}`, { headers: { Authorization: basic } });
  const { cursor } = (await feed('')).json();
  const polled = feed(`since=${cursor}&wait=20`);
  await sleep(300);
  const begin = performance.now();
  const fresh = await tokensOf(url, name);
  await revoke(url, fresh.refresh);
  const { revoked } = (await polled).json();
  experiment.is('a long poll returns a revocation', revoked.length, 1);
  experiment.atMost('a long poll after the revocation', performance.now() - begin, 3_000);
  const registered = await send(`${url}/users`, {
    json: {
      username: 'newcomer',
      email: 'newcomer@example.com',
      password: 'a quite unusual sentence',
    },
  });
  experiment.is('a registration', registered.status, 201);
  const mails = () => existsSync(join(folder, 'mail')) && readdirSync(join(folder, 'mail')).length;
  await until(mails, 10_000).catch(() => undefined);
  experiment.atLeast('mails written after it', Number(mails()), 1);
  experiment.is('an earlier token', (await readProfile(url, tokens.access)).status, 200);
  experiment.is('the process', stateOf(child), 'is running');
  experiment.is(
    'uncaught errors in the log',
    (readFileSync(log, 'utf8').match(/uncaught|unhandled|triggerUncaught/gi) ?? []).length,
    0,
  );
}

/** Registers a client by the command line. @returns its HTTP Basic credentials */
export async function makeClient(folder, changes, id = 'api') {
  const { client_secret } = JSON.parse(
    await runCli(folder, changes, 'client', 'create', id, '--json'),
  );
  return `Basic ${Buffer.from(`${id}:${client_secret}`).toString('base64')}`;
}
