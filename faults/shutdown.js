/**
 * SIGTERM under load, on both databases: with logins in the hashing queue, a long poll that waits, and a request of
 * which only a part has arrived. Everything sent before is answered, and the incomplete request causes no long delay.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { share } from './support/figures.js';
import { logIn, readProfile, send } from './support/http.js';
import { startLoad } from './support/load.js';
import { makeClient, refresherOf } from './support/outage.js';
import { PostgresServer } from './support/postgres.js';
import { end, startService } from './support/processes.js';
import { makeUsers, PASSWORD, tokensOf } from './support/users.js';

export const claim =
  'SIGTERM under load: what is in flight is answered, and the service ends with 0 within 10 s';

const LIMIT = 10_000;
const LOGINS = 6;

export async function run(experiment) {
  await onDatabase(experiment, 'SQLite', {});
  const postgres = await PostgresServer.start(experiment);
  await onDatabase(experiment, 'PostgreSQL', { DATABASE_URL: postgres.url() });
}

async function onDatabase(experiment, what, changes) {
  const { url, folder, child, port } = await startService(experiment, changes);
  const names = await makeUsers(folder, changes, LOGINS);
  const basic = await makeClient(folder, changes);
  const tokens = [];
  for (const name of names) tokens.push(await tokensOf(url, name));
  const half = await halfRequest(experiment, port);
  const poll = send(`${url}/revocations?since=0&wait=25`, { headers: { Authorization: basic } });
  const loads = [
    startLoad(10, (i) => readProfile(url, tokens[i % LOGINS].access), 20),
    startLoad(4, refresherOf(url, tokens), 50),
  ];
  await sleep(1_000);
  const logins = Promise.all(names.map((name) => logIn(url, name, PASSWORD)));
  // A moment, so that they have arrived and wait in the line.
  await sleep(100);
  const told = performance.now();
  const status = await end(child);
  const took = performance.now() - told;
  half.destroy();
  const answers = (await Promise.all(loads.map(({ stop }) => stop()))).flat();
  const before = answers.filter(({ begun, ms }) => begun < told - 20 && begun + ms > told - 1_000);
  experiment.is(`${what}: exit status`, status, 0);
  experiment.atMost(`${what}: end after SIGTERM`, took, LIMIT);
  experiment.report(`${what}: requests sent before, answered 200`, ...share(before, isGood));
  experiment.report(`${what}: logins in the line, answered 200`, ...share(await logins, isGood));
  experiment.is(`${what}: the long poll`, (await poll).status, 200);
}

const isGood = ({ status }) => status === 200;

/** Sends the beginning of a login, and no more. */
async function halfRequest(experiment, port) {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  experiment.atEnd(() => socket.destroy());
  await once(socket, 'connect');
  socket.write(
    'POST /token HTTP/1.1\r\nHost: latchkey.test\r\nContent-Length: 100\r\n' +
      'Content-Type: application/x-www-form-urlencoded\r\n\r\nusername=',
  );
  return socket;
}
