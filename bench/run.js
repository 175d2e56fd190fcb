// npm run bench: what docs/performance.md quotes. Each figure stands beside its floor from the same run.
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { logIn, median, rate, readProfiles, readProfilesInTurn } from './load.js';
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
await measureUnseenTokens();
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
  const read = async ({ url }) => rate(await readProfiles(url, tokens, BRIEFLY));
  await compare('GET /users/me', [() => read(service), () => read(floor)], 'Express 5', '>= 0.80');
}

/** Twice as many tokens as the service remembers, in turn: it has to verify every one. */
async function measureUnseenTokens() {
  const unseen = Array.from({ length: 20 }, () => tokensOf(1_000)).flat();
  const read = async ({ url }) => rate(await readProfilesInTurn(url, unseen, BRIEFLY));
  const both = [() => read(service), () => read(floor)];
  await compare('GET /users/me, tokens not seen before', both, 'Express 5', '>= 0.80');
}

async function measureLogins() {
  const seconds = SECONDS * 2;
  const both = [async () => rate(await logIn(service.url, seconds)), () => measureBcrypt(seconds)];
  await compare('logins', both, 'bcrypt.compare', '>= 0.95', 1);
}

/** Measures by turns, and notes the median of the rates and of their ratios. */
async function compare(what, [ours, floors], floorName, wanted, digits = 0) {
  const pairs = [];
  for (let i = 0; i < ROUNDS; i++) pairs.push([await ours(), await floors()]);
  const perSecond = (k) => `${median(pairs.map((pair) => pair[k])).toFixed(digits)}/s`;
  const ratio = median(pairs.map(([figure, floorFigure]) => figure / floorFigure));
  row(what, perSecond(0), `${perSecond(1)} ${floorName}`, ratio, wanted);
}

async function measureMixed() {
  const slowest = [];
  const quiet = async () => rate(await readProfiles(service.url, tokens, BRIEFLY));
  const busy = async () => {
    const logins = logIn(service.url, SECONDS + 2);
    const result = await readProfiles(service.url, tokens, BRIEFLY);
    await logins;
    slowest.push(result.latency.p99);
    return rate(result);
  };
  await compare('GET /users/me while 16 log in', [busy, quiet], 'quiet', '>= 0.50');
  row('its p99', `${median(slowest)} ms`, '', '', '< 100 ms');
}

async function measureManyUsers() {
  const [few, many] = await Promise.all([10, 1_000_000].map(startWithUsers));
  const read = async ({ url }) => rate(await readProfiles(url, tokens.slice(0, 10), BRIEFLY));
  const both = [() => read(many), () => read(few)];
  await compare('GET /users/me with 1,000,000 users', both, 'with 10', '>= 0.80');
  await stop(few);
  await stop(many);
}

async function startWithUsers(count) {
  const ownFolder = makeFolder();
  const started = await startService(ownFolder);
  await addUsers(ownFolder, count);
  return started;
}

function residentMegabytes() {
  const status = readFileSync(`/proc/${service.child.pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024);
}
