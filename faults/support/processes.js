import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../scripts/free-port.js';
import { send } from './http.js';

export const SECRET_KEY = 'a key for the experiments alone, 32 bytes and more';
export const ISSUER = 'http://latchkey.test';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Everything that was started and has not ended yet; each leads its own process group. */
const alive = new Set();

/** Starts a program that is killed with all its children when the run ends, however it ends. */
export function startProgram(command, args, options = {}) {
  const child = spawn(command, args, { stdio: 'ignore', ...options, detached: true });
  alive.add(child);
  child.once('exit', () => alive.delete(child));
  child.once('error', () => alive.delete(child));
  return child;
}

const ends = [];

/** For what was started in another way. @param end what kills it, at once */
export function onKillAll(end) {
  ends.push(end);
}

/** Kills what is left over, by process id. */
export function killAll() {
  for (const end of ends.splice(0)) end();
  for (const child of alive) signalGroup(child, 'SIGKILL');
  alive.clear();
}

function signalGroup({ pid }, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // It is gone already.
  }
}

/**
 * Starts the built service, in a folder of its own on an SQLite database there unless told otherwise.
 * @param changes the configuration where it differs; undefined is not set
 * @param options folder; log, the file for what it prints; command, what goes before node; wait, false: not for ready
 */
export async function startService(experiment, changes = {}, options = {}) {
  const { folder = experiment.folder(), command = [], wait = true } = options;
  const { log = join(folder, 'service.log') } = options;
  const port = changes.PORT ?? (await freePort());
  const env = environment(folder, { ...changes, PORT: String(port) });
  const output = openSync(log, 'a', 0o600);
  const [program, ...args] = [...command, process.execPath, MAIN];
  const child = startProgram(program, args, {
    cwd: folder,
    env,
    stdio: ['ignore', output, output],
  });
  experiment.keepLog(log);
  experiment.atEnd(() => end(child, 'SIGKILL'));
  const service = { child, folder, log, port, url: `http://127.0.0.1:${port}` };
  if (wait) await untilReady(service);
  return service;
}

function environment(folder, changes) {
  return {
    PATH: process.env.PATH,
    NODE_ENV: 'test',
    SECRET_KEY,
    ISSUER,
    BCRYPT_COST: '10',
    DATABASE_URL: `sqlite:///${join(folder, 'users.db')}`,
    MAIL_DIR: join(folder, 'mail'),
    ...changes,
  };
}

/** @throws Error if the service ends before */
export async function untilReady({ child, url, log }, limit = 120_000) {
  await until(async () => {
    if (hasEnded(child)) throw new Error(`The service ended: ${readFileSync(log, 'utf8')}`);
    return (await send(`${url}/health/ready`, { timeout: 1_000 })).status === 200;
  }, limit);
}

/** Runs one command of the command line, as the service is configured. @throws Error if it fails */
export async function runCli(folder, changes, ...args) {
  const options = {
    cwd: folder,
    env: environment(folder, changes),
    stdio: ['ignore', 'pipe', 'pipe'],
  };
  const child = startProgram(process.execPath, [CLI, ...args], options);
  const pieces = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'])
    child[name].setEncoding('utf8').on('data', (text) => (pieces[name] += text));
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`${args.join(' ')}: ${pieces.stderr}`);
  return pieces.stdout;
}

export function hasEnded(child) {
  return child.exitCode !== null || child.signalCode !== null;
}

/** For a figure. */
export const stateOf = (child) =>
  hasEnded(child) ? `ended with ${child.signalCode ?? child.exitCode}` : 'is running';

/** Sends the signal to the program, for SIGKILL to its children too, and waits for its end. @returns its exit status */
export async function end(child, signal = 'SIGTERM') {
  if (!hasEnded(child)) {
    const ended = once(child, 'exit');
    if (signal === 'SIGKILL') signalGroup(child, signal);
    else child.kill(signal);
    await ended;
  }
  return child.exitCode;
}

/** Waits until it is true. @throws Error after `limit` milliseconds */
export async function until(isSo, limit = 30_000, pause = 20) {
  const deadline = performance.now() + limit;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`Not so within ${limit} ms: ${isSo}`);
    await sleep(pause);
  }
}
