/**
 * A logout at one instance: the others must refuse the tokens from the very next request on, and a client that waits at
 * another one for revocations must get it within a second.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { startInstances } from './support/instances.js';
import { highest, share } from './support/figures.js';
import { readProfile, refresh, revoke, send } from './support/http.js';
import { runCli } from './support/processes.js';
import { makeUsers, tokensOf } from './support/users.js';

export const claim =
  'a logout through one of three instances holds at all of them at once, and a follower elsewhere gets it within 1 s';

export async function run(experiment) {
  const { instances, folder, settings } = await startInstances(experiment);
  const rounds = experiment.isQuick ? 6 : 30;
  const names = await makeUsers(folder, settings, rounds);
  const printed = await runCli(folder, settings, 'client', 'create', 'follower', '--json');
  const { client_secret: secret } = JSON.parse(printed);
  const before = [];
  const after = [];
  const told = [];
  for (const [i, name] of names.entries()) {
    const [here, there, elsewhere] = [0, 1, 2].map((n) => instances[(i + n) % 3].url);
    const { access, refresh: token } = await tokensOf(here, name);
    for (const { url } of instances) before.push(await readProfile(url, access));
    const { news } = await follow(there, secret);
    const begin = performance.now();
    await revoke(elsewhere, token);
    for (const { url } of instances) after.push(await readProfile(url, access));
    after.push(await refresh(there, token));
    told.push({ ...(await news), ms: performance.now() - begin });
  }
  experiment.report('accepted before', ...share(before, ({ status }) => status === 200));
  experiment.report(
    'refused right after',
    ...share(after, ({ status }) => status === 401 || status === 400),
  );
  experiment.report('followers that got the news', ...share(told, hasNews));
  experiment.atMost('slowest of them', highest(told), 1_000);
}

/** Reads the feed, then waits for more. @returns the promise of the response, in an object */
async function follow(url, secret) {
  const headers = {
    Authorization: `Basic ${Buffer.from(`follower:${secret}`).toString('base64')}`,
  };
  const { cursor } = (await send(`${url}/revocations`, { headers })).json();
  const news = send(`${url}/revocations?since=${cursor}&wait=25`, { headers });
  // So that it is waiting, and does not find the news there already.
  await sleep(100);
  return { news };
}

const hasNews = (answer) => answer.status === 200 && answer.json().revoked.length > 0;
