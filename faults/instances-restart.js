/**
 * A rolling restart: each of three instances gets SIGTERM under load and is replaced, one after the other. Logins,
 * refreshes and profiles continue through nginx, and not one request may fail: nginx has to notice which one is gone,
 * and an instance must not close a connection on which a request may be in transit.
 */
import { Agent } from 'node:http';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startInstances } from './support/instances.js';
import { quantile, share, statuses } from './support/figures.js';
import { startLoad } from './support/load.js';
import { logIn, readProfile, refresh } from './support/http.js';
import { makeUsers, PASSWORD, tokensOf } from './support/users.js';

export const claim = 'a rolling restart of three instances behind nginx fails not one request';

/** How many clients of each kind run. */
const READERS = 6;
const REFRESHERS = 6;
const LOGGING_IN = 2;

export async function run(experiment) {
  const cluster = await startInstances(experiment);
  const names = await makeUsers(
    cluster.folder,
    cluster.settings,
    READERS + REFRESHERS + LOGGING_IN,
  );
  const load = await begin(cluster.url, names);
  const statusesAtEnd = [];
  const rounds = experiment.isQuick ? 1 : 2;
  for (let round = 0; round < rounds; round++) {
    for (const i of [0, 1, 2]) {
      await sleep(1_000);
      statusesAtEnd.push(await cluster.replace(i));
    }
  }
  await sleep(1_000);
  const answers = await load.end();
  if (Object.values(answers).flat().some(hasFailed)) noteWhy(experiment, cluster.log);
  experiment.is('restarts', statusesAtEnd.length, 3 * rounds);
  experiment.is('exit statuses', [...new Set(statusesAtEnd)], [0]);
  for (const [kind, all] of Object.entries(answers)) {
    experiment.report(`${kind} answered 200`, ...share(all, (answer) => !hasFailed(answer)));
    if (all.some(hasFailed)) experiment.note(statuses(all));
    experiment.report(`${kind}: p99`, `${Math.round(quantile(all, 0.99))} ms`);
  }
}

const hasFailed = ({ status }) => status !== 200;

/** nginx's errors, except refused connections: then it tries the next instance. */
function noteWhy(experiment, log) {
  for (const line of readFileSync(log, 'utf8').split('\n'))
    if (line !== '' && !/111: Connection refused/.test(line)) experiment.note(line);
}

/** Steady load through nginx, on connections that are kept. @returns end(), which waits for the last answers */
async function begin(url, names) {
  const options = { agent: new Agent({ keepAlive: true }) };
  const tokens = [];
  for (const name of names) tokens.push(await tokensOf(url, name));
  const refreshing = tokens.splice(0, REFRESHERS);
  const refreshOnce = async (i) => {
    const answer = await refresh(url, refreshing[i].refresh, options);
    if (answer.status === 200) refreshing[i].refresh = answer.json().refresh_token;
    return answer;
  };
  const loads = {
    profiles: startLoad(READERS, (i) => readProfile(url, tokens[i].access, options), 10),
    refreshes: startLoad(REFRESHERS, refreshOnce, 10),
    logins: startLoad(LOGGING_IN, (i) => logIn(url, names[i], PASSWORD, options), 200),
  };
  return {
    async end() {
      const answers = {};
      for (const [kind, load] of Object.entries(loads)) answers[kind] = await load.stop();
      options.agent.destroy();
      return answers;
    },
  };
}
