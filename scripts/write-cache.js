/**
 * Writes `latchkey.cache` next to a bundle: V8's compiled code, for the next start. Runs once what every start runs and
 * what most requests do, on a database of its own, so that the cache contains it.
 * Usage: node scripts/write-cache.js <folder of the bundle>
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { loadBundle } from '../build/bundle.js';
import { prepareProcess } from '../build/prepare-process.js';
import { freePort } from './free-port.js';

// V8 accepts a cache only with the flags that it was made with.
prepareProcess();

const folder = resolve(process.argv[2]);
const place = mkdtempSync(join(tmpdir(), 'latchkey-build-'));
process.on('exit', () => rmSync(place, { recursive: true, force: true }));
process.chdir(place);
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
Object.assign(process.env, {
  NODE_ENV: 'production',
  SECRET_KEY: 'nothing is ever signed with this key but here',
  DATABASE_URL: 'sqlite:///users.db',
  HOST: '127.0.0.1',
  PORT: String(port),
  WORKERS: '1',
  REGISTRATION: 'open',
  BCRYPT_COST: '10',
  ISSUER: url,
});

const { bundle, script } = loadBundle(pathToFileURL(`${folder}/`));
const { start } = await bundle.service();
await start();
const post = (path, body, type) =>
  fetch(url + path, { method: 'POST', headers: { 'Content-Type': type }, body });
const user = { username: 'alex', password: 'correct horse battery' };
await post('/users', JSON.stringify(user), 'application/json');
const token = (form) =>
  post('/token', new URLSearchParams(form).toString(), 'application/x-www-form-urlencoded');
const tokens = await (await token(user)).json();
await token({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token });
await fetch(`${url}/users/me`, { headers: { Authorization: `Bearer ${tokens.access_token}` } });
await fetch(`${url}/users/me`);
await fetch(`${url}/health/ready`);
const { runCommandLine } = await bundle.commandLine();
const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
await runCommandLine(['user', 'list'], { stdin: process.stdin, stdout: nowhere, stderr: nowhere });
const cache = join(folder, 'latchkey.cache');
writeFileSync(cache, script.createCachedData());
// The service's user may differ from the one who builds.
chmodSync(cache, 0o644);
process.kill(process.pid, 'SIGTERM');
