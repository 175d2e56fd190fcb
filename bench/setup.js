import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { JwtService } from '@nestjs/jwt';
import bcrypt from 'bcrypt';
import Database from 'better-sqlite3';
import { AccessTokenService } from '../dist/tokens/access-token.service.js';
import { KeyRing } from '../dist/tokens/key-ring.js';
import { VerifiedTokens } from '../dist/tokens/verified-tokens.js';

export const PASSWORD = 'correct horse';
export const ISSUER = 'http://127.0.0.1:8000';
const SECRET_KEY = 'a key for the bench alone, 32 bytes and more';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** A service on a database of its own in a folder of its own. */
export async function startService(folder) {
  const env = {
    PATH: process.env.PATH,
    NODE_ENV: 'production',
    SECRET_KEY,
    ISSUER,
    PORT: '0',
    DATABASE_URL: `sqlite:///${folder}/users.db`,
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
  return { child, url: `http://127.0.0.1:${port}`, begin };
}

export async function startFloor(folder) {
  const argv = [path('floor-profile.js'), join(folder, 'users.db'), SECRET_KEY, ISSUER];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(createInterface(child.stdout), 'line');
  return { child, url: `http://127.0.0.1:${port}` };
}

/** Hashes a second of bcrypt alone. */
export async function measureBcrypt(seconds) {
  const argv = [path('floor-bcrypt.js'), await bcrypt.hash(PASSWORD, 12), String(seconds)];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [rate] = await once(createInterface(child.stdout), 'line');
  return Number(rate);
}

export async function stop({ child }) {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

export function makeFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Fills the table up to `count` users, all with the same password. */
export async function addUsers(folder, count) {
  const database = new Database(join(folder, 'users.db'));
  database.pragma('busy_timeout = 5000');
  const hash = await bcrypt.hash(PASSWORD, 12);
  const insert = database.prepare(
    'INSERT INTO users (username, email, full_name, hashed_password) VALUES (?, ?, ?, ?)',
  );
  const { have } = database.prepare('SELECT count(*) AS have FROM users').get();
  database.transaction(() => {
    for (let i = have + 1; i <= count; i++)
      insert.run(`user${i}`, `user${i}@example.com`, `User ${i}`, hash);
  })();
  database.close();
}

/** Access tokens of the first `count` users, as the service would sign them. */
export function tokensOf(count) {
  const settings = {
    secretKey: SECRET_KEY,
    previousSecretKey: null,
    algorithm: 'HS256',
    accessTokenLifetime: 86_400,
    issuer: ISSUER,
    audience: ISSUER,
  };
  const clock = { now: () => Date.now() };
  const verified = new VerifiedTokens();
  const ring = new KeyRing(settings, settings, verified, clock);
  // Signing needs no loader: the key of HS256 is there.
  const tokens = new AccessTokenService(new JwtService(), ring, null, verified, settings, clock);
  return Array.from(
    { length: count },
    (_, i) => tokens.sign({ sub: `user${i + 1}`, uid: String(i + 1) }).token,
  );
}
