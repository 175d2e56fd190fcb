import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import bcrypt from 'bcrypt';
import { openSqlite } from '../build/database/sqlite-driver.js';

export const PASSWORD = 'correct horse';
export const ISSUER = 'http://127.0.0.1:8000';
export const SECRET_KEY = 'a key for the bench alone, 32 bytes and more';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/**
 * A service on its own database in its own folder.
 * @param log is given each line that it logs, once it listens
 */
export async function startService(folder, changes = {}, log = undefined) {
  const env = {
    PATH: process.env.PATH,
    NODE_ENV: 'production',
    SECRET_KEY,
    ISSUER,
    PORT: '0',
    DATABASE_URL: `sqlite:///${folder}/users.db`,
    ACCESS_TOKEN_EXPIRE_MINUTES: '1440',
    ...changes,
  };
  const begin = performance.now();
  const child = spawn(process.execPath, [path('../dist/main.js')], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout);
  const port = await new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('The service ended')));
    lines.on('line', (line) => {
      const found = /Listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(line);
      if (found) resolve(Number(found[1]));
    });
  });
  if (log) lines.on('line', log);
  return { child, url: `http://127.0.0.1:${port}`, begin };
}

/** The fastest that Express does the same: `floor-profile.js`, or another program beside it. */
export async function startFloor(folder, program = 'floor-profile.js') {
  const argv = [join(folder, 'users.db'), SECRET_KEY, ISSUER];
  const begin = performance.now();
  const { child, line } = await startFloorProgram(program, argv);
  return { child, url: `http://127.0.0.1:${line}`, begin };
}

export function residentMegabytes({ child }) {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024;
}

/** Hashes a second of bcrypt alone. */
export async function measureBcrypt(seconds) {
  const argv = [await bcrypt.hash(PASSWORD, 12), String(seconds)];
  return Number((await startFloorProgram('floor-bcrypt.js', argv)).line);
}

/** Commits a second of SQLite alone, each a row changed and on the disk. */
export async function measureCommits(folder, seconds) {
  const argv = [join(folder, 'floor.db'), String(seconds)];
  return Number((await startFloorProgram('floor-commits.js', argv)).line);
}

/** A mail server that accepts everything. */
export async function startMailSink() {
  const { child, line } = await startFloorProgram('mail-sink.js', []);
  return { child, url: `smtp://127.0.0.1:${line}` };
}

/** @returns the program and the first line it prints */
async function startFloorProgram(name, argv) {
  const options = { stdio: ['ignore', 'pipe', 'inherit'] };
  const child = spawn(process.execPath, [path(name), ...argv], options);
  const [line] = await once(createInterface(child.stdout), 'line');
  return { child, line };
}

export async function stop({ child }) {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

export async function until(isSo) {
  while (!isSo()) await sleep(100);
}

const folders = [];
process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export function makeFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
  folders.push(folder);
  return folder;
}

/** Fills the table up to `count` users, all with the same password, whose hash has this cost. */
export async function addUsers(folder, count, cost = 12) {
  const database = openSqlite(join(folder, 'users.db'));
  database.pragma('busy_timeout = 5000');
  const hash = await bcrypt.hash(PASSWORD, cost);
  const insert = database.prepare(
    `INSERT INTO users (username, username_key, email, email_key, full_name, hashed_password)
     VALUES (@name, @name, @email, @email, @fullName, @hash)`,
  );
  const { have } = database.prepare('SELECT count(*) AS have FROM users').get();
  database.transaction(() => {
    for (let i = have + 1; i <= count; i++)
      insert.run({ name: `user${i}`, email: `user${i}@example.com`, fullName: `User ${i}`, hash });
  })();
  database.close();
}

/** Registers a client by the command line. @returns its HTTP Basic credentials */
export async function createClient(folder, id) {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [path('../dist/cli/main.js'), 'client', 'create', id, '--json'],
    { cwd: folder, env: { SECRET_KEY, DATABASE_URL: `sqlite:///${folder}/users.db` } },
  );
  const { client_secret } = JSON.parse(stdout);
  return `Basic ${Buffer.from(`${id}:${client_secret}`).toString('base64')}`;
}
