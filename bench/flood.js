import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readProfilesGently } from './load.js';
import { accessTokensFor, addSessions } from './sessions.js';
import { addUsers, makeFolder, PASSWORD, residentMegabytes, startService, stop } from './setup.js';
import { row } from './table.js';

const CLIENTS = fileURLToPath(new URL('../faults/support/flood-clients.js', import.meta.url));
const SECONDS = 10;

/** Every connection claims another address, so that the service handles them, and not a limit. */
const FLOOD = {
  connections: 500,
  seconds: SECONDS,
  form: { username: 'user#', password: PASSWORD },
  users: 1_000,
  addresses: true,
};

/** 500 connections that log in without pause: what others notice, and what the flood itself gets. */
export async function measureFlood() {
  const folder = makeFolder();
  const lines = [];
  const service = await startService(folder, { TRUSTED_PROXIES: '127.0.0.1' }, (line) =>
    lines.push(line),
  );
  await addUsers(folder, 1_000);
  const tokens = await accessTokensFor(service.url, addSessions(folder, 200));
  const quiet = await readProfilesGently(service.url, tokens, SECONDS / 2);
  const memory = residentMegabytes(service);
  lines.length = 0;
  const flood = startFlood(service.url);
  await sleep(1_000);
  const during = await readProfilesGently(service.url, tokens, SECONDS - 2);
  const grown = residentMegabytes(service) - memory;
  await flood;
  const logins = lines.filter((line) => line.includes('"/token"')).map((line) => JSON.parse(line));
  const after = await readProfilesGently(service.url, tokens, SECONDS / 2);
  const p99 = ({ latency }) => `${latency.p99} ms`;
  row('GET /users/me while 500 log in: p99', p99(during), `${p99(quiet)} quiet`, '', '< 100 ms');
  report(logins);
  row('memory that the flood takes', `${Math.round(grown)} MB`, '', '', '< 100 MB');
  row('GET /users/me after the flood: p99', p99(after), `${p99(quiet)} quiet`, '', '');
  await stop(service);
}

/** From the service's own log: what the flood reads is late, since it has a lower priority on these cores. */
function report(logins) {
  const admitted = logins.filter(({ status }) => status === 200).map(({ ms }) => ms);
  const refused = logins.filter(({ status }) => status === 503).map(({ ms }) => ms);
  const others = logins.length - admitted.length - refused.length;
  const rate = (times) => `${(times.length / SECONDS).toFixed(0)}/s`;
  const slowest = `${Math.round(Math.max(0, ...admitted))} ms`;
  row('slowest login that was admitted', slowest, `${rate(admitted)} admitted`, '', '< 3000 ms');
  refused.sort((a, b) => a - b);
  const p99 = `${Math.round(refused[Math.floor(refused.length * 0.99)] ?? 0)} ms`;
  row('p99 of the refusals', p99, `${rate(refused)} refused`, '', '< 1000 ms');
  row('answers but 200 and 503', String(others), '', '', '0');
}

async function startFlood(url) {
  const argv = [CLIENTS, JSON.stringify({ ...FLOOD, url })];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface(child.stdout).resume();
  await once(child, 'exit');
}
