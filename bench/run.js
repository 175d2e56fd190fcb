// npm run bench: what docs/performance.md quotes. Each figure is next to its floor from the same run.
import { cpus } from 'node:os';
import { measureBurst } from './burst.js';
import { measureFeed } from './feed.js';
import { measureFlood } from './flood.js';
import { measureImport, measureInserts, writeUsers } from './import.js';
import {
  logIn,
  median,
  rate,
  readProfiles,
  readProfilesGently,
  readProfilesInTurn,
  refreshAll,
} from './load.js';
import { makeReader, readPage, walkTo } from './pages.js';
import { measurePostgres } from './postgres.js';
import { accessTokensFor, addSessions, countSessions } from './sessions.js';
import {
  addUsers,
  makeFolder,
  measureBcrypt,
  measureCommits,
  residentMegabytes,
  startFloor,
  startService,
  stop,
  until,
} from './setup.js';
import { compare, printTable, row, ROUNDS } from './table.js';
import { measureUniform } from './uniform.js';
import { measureWorkers } from './workers.js';

const SECONDS = 3;
const BRIEFLY = { duration: SECONDS };

/** What can be measured separately: `npm run bench -- flood workers`. Without a name, everything is. */
const PARTS = {
  core: measureCore,
  burst: measureBurst,
  users: measureManyUsers,
  sweep: measureSweep,
  imports: measureImports,
  feed: measureFollowers,
  addresses: measureAddresses,
  flood: measureFlood,
  workers: measureWorkers,
  postgres: measurePostgres,
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(PARTS, name));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}. There are: ${Object.keys(PARTS).join(', ')}`);
  process.exit(2);
}

const folder = makeFolder();
let service, floor, tokens;
for (const name of names.length > 0 ? names : Object.keys(PARTS)) await PARTS[name]();
console.log(`${cpus()[0].model}, ${cpus().length} cores, Node ${process.version}`);
printTable();

async function measureCore() {
  service = await startService(folder);
  await addUsers(folder, 1_000);
  await stop(service);

  await measureStart();
  service = await startService(folder);
  tokens = await accessTokensFor(service.url, addSessions(folder, 200));
  await stop(service);
  service = await startService(folder);
  floor = await startFloor(folder);
  await measureProfile();
  await measureUnseenTokens();
  await measureLogins();
  await measureMixed();
  await measureRefreshes();
  await measureKeyPair();
  await stop(floor);
  await stop(service);
}

async function measureStart() {
  const answersAfter = async (started, route) => {
    await (await fetch(started.url + route)).text();
    const time = performance.now() - started.begin;
    await stop(started);
    return time;
  };
  const times = [];
  const floors = [];
  for (let i = 0; i < ROUNDS; i++) {
    times.push(await answersAfter(await startService(folder), '/health/ready'));
    floors.push(await answersAfter(await startFloor(folder), '/'));
  }
  const shown = (list) => `${Math.round(median(list))} ms`;
  const ratio = median(times) / median(floors);
  row('start to first 200', shown(times), `${shown(floors)} Express 5`, ratio, '<= 2.70');
}

async function measureProfile() {
  await readProfiles(service.url, tokens, { amount: 10_000 });
  await readProfiles(floor.url, tokens, { amount: 10_000 });
  const [ours, floors] = [service, floor].map(residentMegabytes);
  const shown = (megabytes) => `${Math.round(megabytes)} MB`;
  row(
    'resident memory after 10,000 requests',
    shown(ours),
    `${shown(floors)} Express 5`,
    ours / floors,
    '< 100 MB',
  );
  const read = async ({ url }) => rate(await readProfiles(url, tokens, BRIEFLY));
  await compare('GET /users/me', [() => read(service), () => read(floor)], 'Express 5', '>= 0.80');
}

/** Twice as many tokens as the service remembers, in turn: it has to verify every one. */
async function measureUnseenTokens() {
  const unseen = await accessTokensFor(service.url, addSessions(folder, 1_000, 20));
  const read = async ({ url }) => rate(await readProfilesInTurn(url, unseen, BRIEFLY));
  const both = [() => read(service), () => read(floor)];
  await compare('GET /users/me, tokens not seen before', both, 'Express 5', '>= 0.80');
}

async function measureLogins() {
  const seconds = SECONDS * 2;
  const both = [async () => rate(await logIn(service.url, seconds)), () => measureBcrypt(seconds)];
  await compare('logins', both, 'bcrypt.compare', '>= 0.97', 1);
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

/** Each one is a statement that is on the disk before the response is sent. */
async function measureRefreshes() {
  const bare = await startFloor(folder, 'floor-refresh.js');
  const refresh = async ({ url }) => rate(await refreshAll(url, addSessions(folder, 32), SECONDS));
  const both = [() => refresh(service), () => refresh(bare)];
  await compare('refreshes', both, 'Express 5', '>= 0.60');
  const beside = [() => refresh(service), () => measureCommits(folder, SECONDS)];
  await compare('the same, beside the disk', beside, 'commits', '');
  await stop(bare);
}

/** The same service with a key pair: tokens that it remembers, and tokens that it has to verify. */
async function measureKeyPair() {
  const ownFolder = makeFolder();
  const pair = await startService(ownFolder, { ALGORITHM: 'ES256' });
  await addUsers(ownFolder, 1_000);
  const ours = await accessTokensFor(pair.url, addSessions(ownFolder, 1_000, 12));
  const theirs = await accessTokensFor(service.url, addSessions(folder, 1_000, 12));
  const known = ({ url }, own) => readProfiles(url, own.slice(0, 200), BRIEFLY);
  const unseen = ({ url }, own) => readProfilesInTurn(url, own, BRIEFLY);
  const both = (read) => [
    async () => rate(await read(pair, ours)),
    async () => rate(await read(service, theirs)),
  ];
  await compare('GET /users/me with ES256', both(known), 'HS256', '');
  await compare('the same, tokens not seen before', both(unseen), 'HS256', '');
  await stop(pair);
}

/** A million dead sessions, and what a request takes while they are removed. */
async function measureSweep() {
  const ownFolder = makeFolder();
  let started = await startService(ownFolder);
  await addUsers(ownFolder, 1_000);
  addSessions(ownFolder, 1_000, 1_000, 40 * 86_400_000);
  await stop(started);
  started = await startService(ownFolder);
  const own = await accessTokensFor(started.url, addSessions(ownFolder, 200));
  const quiet = await readProfilesGently(started.url, own, SECONDS * 2);
  const all = countSessions(ownFolder);
  await until(() => countSessions(ownFolder) < all);
  const before = countSessions(ownFolder);
  const swept = await readProfilesGently(started.url, own, SECONDS * 2);
  const removed = Math.round((before - countSessions(ownFolder)) / (SECONDS * 2));
  const worst = ({ latency }) => `${latency.max} ms`;
  row(
    `slowest request of a sweep (${removed} rows/s)`,
    worst(swept),
    `${worst(quiet)} quiet`,
    '',
    '< 50 ms',
  );
  await stop(started);
}

/** The command, with its start and its check of the whole file, compared with inserts alone. */
async function measureImports() {
  const ownFolder = makeFolder();
  const file = await writeUsers(ownFolder, 100_000);
  const both = [() => measureImport(ownFolder, file), () => measureInserts(ownFolder, file)];
  await compare('user import, 100,000 users', both, 'inserts', '>= 10000/s');
}

async function measureManyUsers() {
  const [few, many] = await Promise.all([10, 1_000_000].map(startWithUsers));
  const read = async ({ url, own }) => rate(await readProfiles(url, own, BRIEFLY));
  const both = [() => read(many), () => read(few)];
  await compare('GET /users/me with 1,000,000 users', both, 'with 10', '>= 0.80');
  await measurePages(many);
  await stop(few);
  await stop(many);
}

/** The list of users, 100 a page: its last page compared with its first. */
async function measurePages({ url, folder: ownFolder }) {
  const token = await makeReader(ownFolder, url);
  const [first, last] = [await walkTo(url, token, 1), await walkTo(url, token, 10_000)];
  const read = async (path) => rate(await readPage(url, token, path, SECONDS));
  const both = [() => read(last), () => read(first)];
  await compare('page 10,000 of 1,000,000 users', both, 'page 1', '>= 1.00');
}

async function measureFollowers() {
  const { slowest, quickest } = await measureFeed(makeFolder());
  const first = `${quickest} ms the first`;
  row('a logout reaches 1,000 followers', `${slowest} ms`, first, '', '< 2000 ms');
}

/** Does the time of a response reveal whether a user has the address? */
async function measureAddresses() {
  const ms = (time) => `${time.toFixed(2)} ms`;
  for (const { name, known, unknown, other } of await measureUniform(makeFolder())) {
    const all = [`${name}, known address`, ms(known), `${ms(unknown)} unknown`, known / unknown];
    row(...all, '0.95 to 1.05');
    row('the same, unknown address', ms(other), `${ms(unknown)} unknown`, other / unknown, '');
  }
}

async function startWithUsers(count) {
  const ownFolder = makeFolder();
  const started = await startService(ownFolder);
  await addUsers(ownFolder, count);
  const own = await accessTokensFor(started.url, addSessions(ownFolder, 10));
  return { ...started, folder: ownFolder, own };
}
