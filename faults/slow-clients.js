/**
 * Clients that send their headers, or their body, a byte at a time, as slowhttptest -H and -B do: 200 of each. They
 * must be cut off when their time is over, 10 s for headers and 15 s for a whole request, and others must not notice.
 */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { highest, quantile, share } from './support/figures.js';
import { readProfile } from './support/http.js';
import { startService, stateOf } from './support/processes.js';
import { makeUsers, tokensOf } from './support/users.js';

export const claim = 'clients that never finish are cut off in time, and nobody waits for them';

const CLIENTS = 200;
const PAUSE = 500;

/** Node looks at its connections once a second. */
const SLACK = 2_000;

const BODY = [
  'POST /token HTTP/1.1',
  'Host: latchkey.test',
  'Content-Type: application/x-www-form-urlencoded',
  'Content-Length: 4096',
  '\r\n',
].join('\r\n');

const KINDS = {
  headers: { begin: 'GET /users/me HTTP/1.1\r\nHost: latchkey.test\r\nX-Slow: ', limit: 10_000 },
  body: { begin: BODY, limit: 15_000 },
  'nothing at all': { begin: '', limit: 10_000 },
};

export async function run(experiment) {
  const service = await startService(experiment);
  const [name] = await makeUsers(service.folder, {}, 1);
  const { access } = await tokensOf(service.url, name);
  for (const [kind, { begin, limit }] of Object.entries(KINDS)) {
    const lives = Array.from({ length: CLIENTS }, () => slowClient(service, begin));
    const reads = await readUntil(service, access, Promise.all(lives));
    const longest = Math.max(...(await Promise.all(lives)));
    experiment.atMost(
      `slow ${kind}: the longest life of ${CLIENTS} clients`,
      longest,
      limit + SLACK,
    );
    experiment.report(`slow ${kind}: others`, ...share(reads, ({ status }) => status === 200));
    experiment.atMost(`slow ${kind}: 99th percentile of others`, quantile(reads, 0.99), 100);
    experiment.report(`slow ${kind}: slowest of others`, `${Math.round(highest(reads))} ms`);
  }
  experiment.is('the process', stateOf(service.child), 'is running');
}

/** @returns how long it was allowed to live, in milliseconds */
function slowClient({ port }, begin) {
  const start = performance.now();
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(begin));
    const timer = setInterval(() => begin !== '' && socket.write('a'), PAUSE);
    socket.on('error', () => undefined).resume();
    socket.on('close', () => {
      clearInterval(timer);
      resolve(performance.now() - start);
    });
  });
}

async function readUntil({ url }, token, end) {
  const answers = [];
  let isOver = false;
  void end.then(() => (isOver = true));
  while (!isOver) {
    answers.push(await readProfile(url, token));
    await sleep(50);
  }
  return answers;
}
