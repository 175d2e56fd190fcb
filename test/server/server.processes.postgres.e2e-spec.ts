import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import { MIGRATIONS } from '../../src/database/migrations.js';
import { PASSWORD } from '../support/create-test-app.js';
import { POSTGRES_PASSWORD, PostgresServer } from '../support/postgres.js';
import { revertToFirst, missingStatements } from '../support/open-database.js';
import {
  generatesNoMigration,
  runCli,
  runMigrationScript,
  runService,
  type ServiceProcess,
  startService,
} from '../support/processes.js';
import { accessTokenFrom, logIn, readProfile } from '../support/requests.js';
import { TemporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

let server: PostgresServer;
let folder: TemporaryFolder;
let DATABASE_URL: string;
let databaseName: string;
let count = 0;
const services: ServiceProcess[] = [];

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.remove());

beforeEach(async () => {
  folder = new TemporaryFolder();
  databaseName = `latchkey_${++count}`;
  DATABASE_URL = await server.createDatabase(databaseName);
});
afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.end('SIGKILL')));
  await folder.remove();
});

async function start(): Promise<ServiceProcess> {
  const service = await startService(folder, { DATABASE_URL });
  services.push(service);
  return service;
}

const cli = (...args: string[]) => runCli(folder, args, { DATABASE_URL, input: PASSWORD });
const createUser = (name: string, ...args: string[]) =>
  cli('user', 'create', name, '--password-stdin', ...args);

describe('PostgreSQL', () => {
  it('is migrated once by three processes that start together', async () => {
    const started = await Promise.all([1, 2, 3].map(() => start()));
    for (const { url } of started) expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    expect(await server.query(databaseName, 'SELECT name FROM migrations')).toHaveLength(
      MIGRATIONS.length,
    );
  });

  it('is left alone while another instance migrates it', async () => {
    const release = await server.hold(databaseName, 'SELECT pg_advisory_lock(7460215983)');
    const starting = start();
    const asks = `SELECT 1 FROM pg_stat_activity
      WHERE datname = '${databaseName}' AND query LIKE '%pg_try_advisory_lock%' AND pid != pg_backend_pid()`;
    await until(async () => (await server.query(databaseName, asks)).length > 0);
    const tables = `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`;
    expect(await server.query(databaseName, tables)).toEqual([]);
    await release();
    await starting;
    expect(await server.query(databaseName, tables)).toContainEqual({ tablename: 'users' });
    expect(await server.query(databaseName, 'SELECT name FROM migrations')).toHaveLength(
      MIGRATIONS.length,
    );
  });

  it("has the tutorial's columns and index names, and matches the entities", async () => {
    expect((await runMigrationScript('run', { DATABASE_URL })).status).toBe(0);
    const columns = await server.query(
      databaseName,
      `SELECT column_name FROM information_schema.columns WHERE table_name = 'users' ORDER BY ordinal_position`,
    );
    expect(columns.map(({ column_name }) => column_name)).toEqual([
      'id',
      'username',
      'full_name',
      'email',
      'hashed_password',
      'disabled',
      'username_key',
      'email_key',
      'email_verified_at',
      'pending_until',
      'scopes',
      'created_at',
    ]);
    const indexes = await server.query(
      databaseName,
      `SELECT indexname FROM pg_indexes WHERE tablename = 'users' AND indexname LIKE 'ix%' ORDER BY 1`,
    );
    expect(indexes.map(({ indexname }) => indexname)).toEqual([
      'ix_users_disabled',
      'ix_users_email',
      'ix_users_email_key',
      'ix_users_id',
      'ix_users_pending_until',
      'ix_users_scoped',
      'ix_users_username',
      'ix_users_username_key',
    ]);
    expect(await generatesNoMigration({ DATABASE_URL })).toBe(true);
  });

  it('can be migrated back while it has no users, and not when it has', async () => {
    await createUser('alex');
    await revertToFirst(DATABASE_URL);
    const refused = await runMigrationScript('revert', { DATABASE_URL });
    expect(refused.status).toBe(1);
    expect(refused.stdout + refused.stderr).toContain('Refusing to drop the table users');
    await cli('user', 'delete', 'alex');
    await revertToFirst(DATABASE_URL);
    expect((await runMigrationScript('revert', { DATABASE_URL })).status).toBe(0);
    expect((await runMigrationScript('show', { DATABASE_URL })).stdout).toContain(
      '[ ] CreateUsers',
    );
  });

  it("adopts the table that the tutorial's database.py makes there", async () => {
    await server.query(
      databaseName,
      `CREATE TABLE users (
         id SERIAL NOT NULL, username VARCHAR, full_name VARCHAR, email VARCHAR,
         hashed_password VARCHAR, disabled BOOLEAN, PRIMARY KEY (id)
       );
       CREATE INDEX ix_users_id ON users (id);
       CREATE UNIQUE INDEX ix_users_username ON users (username);
       CREATE UNIQUE INDEX ix_users_email ON users (email);
       INSERT INTO users (username, hashed_password) VALUES ('alex', '${bcrypt.hashSync(PASSWORD, 10)}')`,
    );
    const { url } = await start();
    const token = await accessTokenFrom(url);
    expect(await (await readProfile(url, token)).json()).toEqual({
      'user data': { username: 'alex', email: null, full_name: null, disabled: null },
    });
    expect(await missingStatements(DATABASE_URL)).toEqual([]);
  });

  it('serves the command line and the service alike', async () => {
    const service = await start();
    await createUser('alex', '--email', 'alex@example.com', '--full-name', 'Alex Kasai');
    const token = await accessTokenFrom(service.url);
    expect(await (await readProfile(service.url, token)).json()).toEqual({
      'user data': {
        username: 'alex',
        email: 'alex@example.com',
        full_name: 'Alex Kasai',
        disabled: false,
      },
    });
    expect(JSON.parse((await cli('user', 'list', '--json')).stdout)).toEqual([
      {
        id: 1,
        username: 'alex',
        email: 'alex@example.com',
        full_name: 'Alex Kasai',
        disabled: false,
      },
    ]);
    await cli('user', 'disable', 'alex');
    expect((await readProfile(service.url, token)).status).toBe(401);
    await cli('user', 'delete', 'alex');
    expect((await readProfile(service.url, token)).status).toBe(404);
  });

  it('refuses a username and an e-mail address that are taken, and says which', async () => {
    await createUser('alex', '--email', 'alex@example.com');
    expect(await createUser('alex')).toMatchObject({
      status: 1,
      stderr: 'There is a user "alex" already\n',
    });
    expect(await createUser('mary', '--email', 'alex@example.com')).toMatchObject({
      status: 1,
      stderr: 'There is a user with the e-mail address "alex@example.com" already\n',
    });
  });
});

describe('a PostgreSQL server that goes away', () => {
  it('means 503 and not 401 until it is back', async () => {
    await createUser('alex');
    const { url, child } = await start();
    const token = await accessTokenFrom(url);
    await server.stop();
    try {
      for (const response of [await readProfile(url, token), await logIn(url)]) {
        expect(response.status).toBe(503);
        expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(0);
        expect(response.headers.has('WWW-Authenticate')).toBe(false);
        expect(await response.text()).not.toMatch(/ECONNREFUSED|postgres|SELECT/i);
      }
      expect((await fetch(`${url}/health/ready`)).status).toBe(503);
      expect((await fetch(`${url}/health/live`)).status).toBe(200);
      expect(child.exitCode).toBeNull();
    } finally {
      await server.startAgain();
    }
    await until(async () => (await fetch(`${url}/health/ready`)).ok);
    expect((await readProfile(url, token)).status).toBe(200);
    await accessTokenFrom(url);
  });

  it('stops a start with a sentence that does not contain the password', async () => {
    const unreachable = DATABASE_URL.replace(/:\d+\//, ':1/');
    const { status, stdout, stderr } = await runService(folder, { DATABASE_URL: unreachable });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^.*ECONNREFUSED.*\n$/);
    expect(stdout + stderr).not.toContain(POSTGRES_PASSWORD);
  });

  it('stops a start with the wrong password without printing it', async () => {
    const wrong = DATABASE_URL.replace(POSTGRES_PASSWORD, 'not-the-password');
    const { status, stdout, stderr } = await runService(folder, { DATABASE_URL: wrong });
    expect(status).toBe(1);
    expect(stderr).toContain('password authentication failed');
    expect(stdout + stderr).not.toContain('not-the-password');
  });

  describe('or that accepts connections and does not answer', () => {
    let silent: Server;
    beforeEach(async () => {
      silent = createServer(() => undefined).listen(0, '127.0.0.1');
      await once(silent, 'listening');
    });
    afterEach(() => void silent.close());

    it('does not block a start forever', async () => {
      const { port } = silent.address() as { port: number };
      const url = `postgresql://u:${POSTGRES_PASSWORD}@127.0.0.1:${port}/x`;
      const { status, stderr } = await runService(folder, { DATABASE_URL: url });
      expect(status).toBe(1);
      expect(stderr).toMatch(/timeout/);
      expect(stderr).not.toContain(POSTGRES_PASSWORD);
    });
  });
});
