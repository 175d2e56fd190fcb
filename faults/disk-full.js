/**
 * The disk with the database and the log is full: a small tmpfs, first filled by others, then by the
 * write-ahead log itself, which grows while another process keeps an old snapshot of the database open. Reads go
 * on; writes get 503 with Retry-After, and nothing is half done. Once there is space everything continues on its own.
 */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import { openSqlite } from '../build/database/sqlite-driver.js';
import { share, statuses } from './support/figures.js';
import { isUnavailable, logIn, readProfile, refresh, send } from './support/http.js';
import { NotRun } from './support/not-run.js';
import { makeClient } from './support/outage.js';
import { onKillAll, startService, stateOf, until } from './support/processes.js';
import { makeUsers, PASSWORD, tokensOf } from './support/users.js';

export const claim =
  'on a full disk reads go on, writes are answered 503 and leave nothing, and space is all it takes';

const RECOVERY_LIMIT = 5_000;
const ATTEMPTS = 10;

export async function run(experiment) {
  const folder = smallDisk(experiment, '12m');
  const service = await startService(experiment, {}, { folder });
  const names = await makeUsers(folder, {}, 4);
  const basic = await makeClient(folder, {});
  const tokens = [];
  for (const name of names) tokens.push(await tokensOf(service.url, name));
  const state = { service, names, tokens, basic, sessions: names.length };
  await filledByOthers(experiment, state);
  await filledByTheLog(experiment, state);
  experiment.is('the process', stateOf(service.child), 'is running');
  reportWhole(experiment, state, folder);
  reportLog(experiment, service.log);
}

async function filledByOthers(experiment, state) {
  const ballast = fill(state.service.folder);
  await reportFull(experiment, state, 'full');
  rmSync(ballast);
  await reportRecovery(experiment, state, 'full');
}

/** An idle reader keeps SQLite from restarting the write-ahead log. */
async function filledByTheLog(experiment, state) {
  const { folder, url } = state.service;
  const reader = openSqlite(join(folder, 'users.db'), { readonly: true });
  experiment.atEnd(() => reader.close());
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM users').get();
  // Space for only a part of the log.
  const ballast = fill(folder, 2 * 1024 * 1024);
  let answer;
  await until(
    async () => {
      answer = await refresh(url, state.tokens[0].refresh);
      if (answer.status === 200) state.tokens[0].refresh = answer.json().refresh_token;
      return answer.status !== 200;
    },
    120_000,
    0,
  );
  experiment.report(
    'log grown: the first write that fails',
    answer.status,
    '503',
    isUnavailable(answer),
  );
  experiment.report(
    'log grown: its size',
    `${Math.round(statSync(join(folder, 'users.db-wal')).size / 1024)} KiB`,
  );
  await reportFull(experiment, state, 'log grown');
  reader.exec('COMMIT');
  rmSync(ballast);
  await reportRecovery(experiment, state, 'log grown');
}

async function reportFull(experiment, { service: { url, child }, names, tokens, basic }, what) {
  const reads = [];
  const introspections = [];
  const writes = [];
  for (let i = 0; i < ATTEMPTS; i++) {
    const { access, refresh: current } = tokens[i % tokens.length];
    writes.push(await logIn(url, names[i % names.length], PASSWORD), await refresh(url, current));
    writes.push(await register(url, `${what.replace(' ', '-')}-${i}`));
    reads.push(await readProfile(url, access));
    const headers = { Authorization: basic };
    introspections.push(await send(`${url}/introspect`, { form: { token: access }, headers }));
  }
  experiment.is(`${what}: the process`, stateOf(child), 'is running');
  experiment.report(
    `${what}: writes answered 503 with Retry-After`,
    ...share(writes, isUnavailable),
  );
  experiment.report(`${what}: answers to writes`, statuses(writes));
  experiment.report(`${what}: reads answered 200`, ...share(reads, isGood));
  const isActive = (answer) => isGood(answer) && answer.json().active === true;
  experiment.report(`${what}: introspections that say active`, ...share(introspections, isActive));
}

async function reportRecovery(experiment, state, what) {
  const { url } = state.service;
  const begin = performance.now();
  await until(async () => isGood(await refresh(url, state.tokens[1].refresh)), 20_000);
  experiment.atMost(
    `${what}: a write after there is space`,
    performance.now() - begin,
    RECOVERY_LIMIT,
  );
  const logins = [];
  const refreshes = [];
  for (const [i, name] of state.names.entries()) {
    logins.push(await logIn(url, name, PASSWORD));
    refreshes.push(await refresh(url, state.tokens[i].refresh));
    if (isGood(refreshes[i])) state.tokens[i].refresh = refreshes[i].json().refresh_token;
  }
  state.sessions += logins.filter(isGood).length;
  experiment.report(`${what}: logins afterwards`, ...share(logins, isGood));
  experiment.report(`${what}: refreshes with the earlier tokens`, ...share(refreshes, isGood));
}

/** What was refused has left nothing behind. */
function reportWhole(experiment, { sessions, names }, folder) {
  const database = openSqlite(join(folder, 'users.db'), { readonly: true });
  const count = (table) => database.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
  experiment.is('integrity_check', database.pragma('integrity_check', { simple: true }), 'ok');
  experiment.is('sessions', count('sessions'), sessions);
  experiment.is('users', count('users'), names.length);
  database.close();
}

/** The log continues as well, although what there was no space for is lost. */
function reportLog(experiment, path) {
  const last = readFileSync(path, 'utf8').trimEnd().split('\n').at(-1);
  experiment.is(
    'the last line of the log',
    /^\{.*"msg":".*\}$/.test(last) ? 'is whole' : last,
    'is whole',
  );
  experiment.atMost(
    'the age of that line',
    Date.now() - Number(/"time":(\d+)/.exec(last)?.[1]),
    10_000,
  );
}

const isGood = ({ status }) => status === 200;

const register = (url, username) =>
  send(`${url}/users`, { json: { username, password: 'a quite unusual sentence' } });

/** Fills the disk except for `rest` bytes. @returns the file that does */
function fill(folder, rest = 0) {
  // SQLite could overwrite what it has allocated already.
  const database = openSqlite(join(folder, 'users.db'));
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
  const path = join(folder, 'ballast');
  const room = join(folder, 'room');
  if (rest > 0) writeUntilFull(room, rest);
  writeUntilFull(path, Infinity);
  rmSync(room, { force: true });
  return path;
}

function writeUntilFull(path, size) {
  const file = openSync(path, 'w');
  const piece = Buffer.alloc(4096, 'x');
  try {
    for (let written = 0; written < size; written += piece.length) writeSync(file, piece);
  } catch (error) {
    if (error.code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
}

function smallDisk(experiment, size) {
  if (userInfo().uid !== 0) throw new NotRun('root, to mount a small disk');
  const folder = experiment.folder();
  const { status, stderr } = spawnSync('mount', [
    '-t',
    'tmpfs',
    '-o',
    `size=${size},mode=0700`,
    'tmpfs',
    folder,
  ]);
  if (status !== 0) throw new NotRun(`the right to mount a tmpfs (${String(stderr).trim()})`);
  const unmount = () => existsSync(folder) && spawnSync('umount', ['-l', folder]);
  onKillAll(unmount);
  experiment.atEnd(unmount);
  return folder;
}
