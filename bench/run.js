// npm run bench: what docs/performance.md quotes. Each figure stands beside its floor from the same run.
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { logIn, median, rate, readProfiles } from './load.js';
import {
  addUsers,
  makeFolder,
  measureBcrypt,
  startFloor,
  startService,
  stop,
  tokensOf,
} from './setup.js';

const ROUNDS = 5;
const SECONDS = 3;
const BRIEFLY = { duration: SECONDS };
const tokens = tokensOf(200);
const table = [];
const row = (what, figure, floor, ratio, wanted) =>
  table.push({
    what,
    figure,
    floor,
    ratio: typeof ratio === 'number' ? ratio.toFixed(2) : ratio,
    wanted,
  });

const folder = makeFolder();
let service = await startService(folder);
await addUsers(folder, 1_000);
await stop(service);

await measureStart();
service = await startService(folder);
const floor = await startFloor(folder);
await measureProfile();
await measureLogins();
await measureMixed();
await stop(floor);
await stop(service);
await measureManyUsers();
console.log(`${cpus()[0].model}, ${cpus().length} cores, Node ${process.version}`);
console.table(table);

async function measureStart() {
  const times = [];
  for (let i = 0; i < ROUNDS; i++) {
    const started = await startService(folder);
    await fetch(`${started.url}/health/ready`);
    times.push(performance.now() - started.begin);
    await stop(started);
  }
  row('start to first 200', `${Math.round(median(times))} ms`, '', '', '< 1500 ms');
}

async function measureProfile() {
  await readProfiles(service.url, tokens, { amount: 10_000 });
  row('resident memory after 10,000 requests', `${residentMegabytes()} MB`, '', '', '< 120 MB');
  await readProfiles(floor.url, tokens, { amount: 10_000 });
  const pairs = [];
  for (let i = 0; i < ROUNDS; i++) {
    const ours = rate(await readProfiles(service.url, tokens, BRIEFLY));
    pairs.push({ ours, floor: rate(await readProfiles(floor.url, tokens, BRIEFLY)) });
  }
  const ratio = median(pairs.map((pair) => pair.ours / pair.floor));
  const perSecond = (key) => `${Math.round(median(pairs.map((pair) => pair[key])))}/s`;
  row('GET /users/me', perSecond('ours'), `${perSecond('floor')} Express 5`, ratio, '>= 0.80');
}

async function measureLogins() {
  const pairs = [];
  for (let i = 0; i < 3; i++) {
    const floorRate = await measureBcrypt(SECONDS * 2);
    pairs.push({ ours: rate(await logIn(service.url, SECONDS * 2)), floor: floorRate });
  }
  const ratio = median(pairs.map((pair) => pair.ours / pair.floor));
  const perSecond = (key) => `${median(pairs.map((pair) => pair[key])).toFixed(1)}/s`;
  row('logins', perSecond('ours'), `${perSecond('floor')} bcrypt.compare`, ratio, '>= 0.95');
}

async function measureMixed() {
  const quiet = rate(await readProfiles(service.url, tokens, BRIEFLY));
  const logins = logIn(service.url, SECONDS + 2);
  const busy = await readProfiles(service.url, tokens, BRIEFLY);
  await logins;
  const busyRate = rate(busy);
  const label = 'GET /users/me while 16 log in';
  row(
    label,
    `${Math.round(busyRate)}/s`,
    `${Math.round(quiet)}/s quiet`,
    busyRate / quiet,
    '>= 0.50',
  );
  row('its p99', `${busy.latency.p99} ms`, '', '', '< 100 ms');
}

async function measureManyUsers() {
  const rates = { 10: [], 1_000_000: [] };
  const folders = { 10: makeFolder(), 1_000_000: makeFolder() };
  const services = {};
  for (const count of [10, 1_000_000]) {
    services[count] = await startService(folders[count]);
    await addUsers(folders[count], count);
  }
  for (let i = 0; i < ROUNDS; i++) {
    for (const count of [10, 1_000_000]) {
      rates[count].push(
        rate(await readProfiles(services[count].url, tokens.slice(0, 10), BRIEFLY)),
      );
    }
  }
  for (const count of [10, 1_000_000]) await stop(services[count]);
  const [few, many] = [median(rates[10]), median(rates[1_000_000])];
  row(
    'with 1,000,000 users',
    `${Math.round(many)}/s`,
    `${Math.round(few)}/s with 10`,
    many / few,
    '>= 0.80',
  );
}

function residentMegabytes() {
  const status = readFileSync(`/proc/${service.child.pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024);
}
