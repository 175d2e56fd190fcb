/**
 * latchkey is started while PostgreSQL is down, in every possible way: it must say so and end, so that its
 * supervisor can see it and try again. And it must end on a signal while PostgreSQL is frozen.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { PostgresServer } from './support/postgres.js';
import { freePort } from '../scripts/free-port.js';
import { end, startService } from './support/processes.js';
import { TcpProxy } from './support/tcp-proxy.js';

export const claim =
  'a start without PostgreSQL ends soon, with status 1 and a sentence; SIGTERM ends it in any case';

const LIMIT = 10_000;

export async function run(experiment) {
  const postgres = await PostgresServer.start(experiment);
  const proxy = await TcpProxy.start(experiment, postgres.port);
  const service = await startService(experiment, { DATABASE_URL: postgres.url() });
  await postgres.freeze();
  await failedStart(experiment, 'frozen', postgres.url());
  const begin = performance.now();
  experiment.is('frozen: exit status after SIGTERM', await end(service.child), 0);
  experiment.atMost('frozen: end after SIGTERM', performance.now() - begin, LIMIT);
  await postgres.thaw();
  proxy.swallow();
  await failedStart(experiment, 'black hole', postgres.url(proxy.port));
  await failedStart(experiment, 'nobody there', postgres.url(await freePort()));
  await failedStart(experiment, 'closes at once', postgres.url(await rudePort(experiment)));
}

async function failedStart(experiment, what, DATABASE_URL) {
  const begin = performance.now();
  const { child, log } = await startService(experiment, { DATABASE_URL }, { wait: false });
  await once(child, 'exit');
  experiment.atMost(`${what}: end of the start`, performance.now() - begin, LIMIT);
  experiment.is(`${what}: exit status`, child.exitCode, 1);
  const said = readFileSync(log, 'utf8').trim();
  experiment.report(`${what}: says`, said, 'one line without the password', isOneLine(said));
}

function isOneLine(said) {
  return /^The database cannot be reached: .+$/.test(said) && !said.includes('the-password');
}

/** A server that closes every connection. */
async function rudePort(experiment) {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  experiment.atEnd(() => server.close());
  return server.address().port;
}
