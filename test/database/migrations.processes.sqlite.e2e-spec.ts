import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import { MIGRATIONS } from '../../src/database/migrations.js';
import { openSqlite } from '../../src/database/sqlite-driver.js';
import { PASSWORD } from '../support/create-test-app.js';
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
import { makeTutorialDatabase, TUTORIAL_HASH } from '../support/tutorial-database.js';

const HASH = bcrypt.hashSync(PASSWORD, 10);
/** As the tutorial's passlib writes it, and as other libraries do. */
const ALEX = { id: 2, username: 'alex', full_name: 'Alex Kasai', email: 'alex@gmail.com' };
const ROWS = [
  { ...ALEX, hashed_password: HASH },
  { id: 3, username: 'mary', hashed_password: HASH.replace('$2b$', '$2y$'), disabled: null },
  { id: 5, username: 'victor', email: 'v@example.com', hashed_password: HASH, disabled: 1 },
  { id: 9, username: null, hashed_password: TUTORIAL_HASH },
];

/** What later migrations add to a user. */
const ADDED = [
  'username_key',
  'email_key',
  'email_verified_at',
  'pending_until',
  'scopes',
  'created_at',
];

/** The additional indexes of the users. */
const ADDED_INDICES = ['username_key', 'email_key', 'pending_until', 'scoped', 'disabled'];

let folder: TemporaryFolder;
let path: string;
let DATABASE_URL: string;
const services: ServiceProcess[] = [];

beforeEach(() => {
  folder = new TemporaryFolder();
  path = folder.join('users.db');
  DATABASE_URL = `sqlite:///${path}`;
});
afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.end('SIGKILL')));
  await folder.remove();
});

async function start(changes: Record<string, string> = {}): Promise<ServiceProcess> {
  const service = await startService(folder, changes);
  services.push(service);
  return service;
}

/** Runs one start to its end, for its migrations. */
const startAndEnd = async () => expect(await (await start()).end()).toBe(0);

function query<T = Record<string, unknown>>(sql: string): T[] {
  const database = openSqlite(path);
  try {
    return database.prepare(sql).all() as T[];
  } finally {
    database.close();
  }
}

function change(sql: string): void {
  const database = openSqlite(path);
  database.exec(sql);
  database.close();
}

const schema = () => query("SELECT name, sql FROM sqlite_master WHERE name != 'sqlite_sequence'");
/** Without what the service itself added. */
const users = () =>
  query('SELECT * FROM users ORDER BY id').map((row) =>
    Object.fromEntries(Object.entries(row).filter(([name]) => !ADDED.includes(name))),
  );
const createUser = (name: string) =>
  runCli(folder, ['user', 'create', name, '--password-stdin'], { input: PASSWORD });

describe('a fresh database', () => {
  it("has the tutorial's columns and index names", async () => {
    await startAndEnd();
    expect(query("SELECT name, type, dflt_value FROM pragma_table_info('users')")).toEqual([
      { name: 'id', type: 'INTEGER', dflt_value: null },
      { name: 'username', type: 'varchar', dflt_value: null },
      { name: 'full_name', type: 'varchar', dflt_value: null },
      { name: 'email', type: 'varchar', dflt_value: null },
      { name: 'hashed_password', type: 'varchar', dflt_value: null },
      { name: 'disabled', type: 'boolean', dflt_value: '0' },
      { name: 'username_key', type: 'varchar', dflt_value: null },
      { name: 'email_key', type: 'varchar', dflt_value: null },
      { name: 'email_verified_at', type: 'bigint', dflt_value: null },
      { name: 'pending_until', type: 'bigint', dflt_value: null },
      { name: 'scopes', type: 'varchar', dflt_value: null },
      { name: 'created_at', type: 'bigint', dflt_value: null },
    ]);
    expect(query(`SELECT name, "unique" FROM pragma_index_list('users') ORDER BY name`)).toEqual([
      { name: 'ix_users_disabled', unique: 0 },
      { name: 'ix_users_email', unique: 1 },
      { name: 'ix_users_email_key', unique: 1 },
      { name: 'ix_users_id', unique: 0 },
      { name: 'ix_users_pending_until', unique: 0 },
      { name: 'ix_users_scoped', unique: 0 },
      { name: 'ix_users_username', unique: 1 },
      { name: 'ix_users_username_key', unique: 1 },
    ]);
  });

  it('matches the entities', async () => {
    await startAndEnd();
    expect(await generatesNoMigration({ DATABASE_URL })).toBe(true);
  });

  it('never gives the id of a deleted user to another', async () => {
    await createUser('alex');
    await createUser('mary');
    await runCli(folder, ['user', 'delete', 'mary']);
    await createUser('victor');
    expect(query('SELECT id, username FROM users')).toEqual([
      { id: 1, username: 'alex' },
      { id: 3, username: 'victor' },
    ]);
  });

  it('does not change at the next start', async () => {
    await createUser('alex');
    const before = [schema(), users()];
    await startAndEnd();
    expect([schema(), users()]).toEqual(before);
  });
});

describe("a users.db that the tutorial's database.py made", () => {
  beforeEach(() => makeTutorialDatabase(path, ROWS));

  it('keeps every row as it was', async () => {
    const before = users();
    await startAndEnd();
    expect(users()).toEqual(before);
  });

  it('matches the entities', async () => {
    await startAndEnd();
    expect(await missingStatements(DATABASE_URL)).toEqual([]);
  });

  it('lets its users log in, and keeps the disabled one out', async () => {
    const { url } = await start();
    const token = await accessTokenFrom(url);
    expect(await (await readProfile(url, token)).json()).toEqual({
      'user data': {
        username: 'alex',
        email: 'alex@gmail.com',
        full_name: 'Alex Kasai',
        disabled: false,
      },
    });
    const refused = await logIn(url, { username: 'victor' });
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ detail: 'Inactive user' });
  });

  it('leaves null as null in a profile, and treats it as not disabled', async () => {
    const { url } = await start();
    const token = await accessTokenFrom(url, { username: 'mary' });
    expect(await (await readProfile(url, token)).json()).toEqual({
      'user data': { username: 'mary', email: null, full_name: null, disabled: null },
    });
  });

  it("reads the tutorial's own hash", async () => {
    change(`UPDATE users SET username = 'nobody' WHERE id = 9`);
    const service = await start();
    expect((await logIn(service.url, { username: 'nobody' })).status).toBe(401);
    // A hash that can't be read would be logged.
    expect(service.log).toContainEqual(
      expect.objectContaining({ username: 'nobody', reason: 'mismatch' }),
    );
  });

  it('never gives the id of a deleted user to another', async () => {
    change(`UPDATE users SET username = 'last' WHERE id = 9`);
    await startAndEnd();
    await runCli(folder, ['user', 'delete', 'last']);
    await createUser('new');
    expect(query(`SELECT id FROM users WHERE username = 'new'`)).toEqual([{ id: 10 }]);
  });

  it.each(['the service', 'migration:run'])(
    'keeps everything else in the file when %s adopts it',
    async (migrator) => {
      change(`
        ALTER TABLE users ADD COLUMN avatar VARCHAR DEFAULT 'none';
        UPDATE users SET avatar = 'cat.png' WHERE id = 2;
        CREATE INDEX ix_users_full_name ON users (full_name);
        CREATE UNIQUE INDEX ix_users_avatar ON users (avatar) WHERE avatar != 'none';
        CREATE INDEX ix_users_lower ON users (lower(email), full_name);
        CREATE TRIGGER on_delete AFTER DELETE ON users BEGIN SELECT 1; END;
        CREATE VIEW names AS SELECT username FROM users;
        CREATE TABLE notes (
          id INTEGER PRIMARY KEY, text VARCHAR,
          user_id INTEGER REFERENCES users (id) ON DELETE CASCADE
        );
        INSERT INTO notes VALUES (1, 'buy milk', 2), (2, 'call home', 9);
      `);
      const rows = () => [users(), query('SELECT * FROM notes'), query('SELECT * FROM names')];
      const extras = () =>
        query(`SELECT type, name, sql FROM sqlite_master WHERE name != 'users'
          AND tbl_name IN ('users', 'notes', 'names') ORDER BY name`).filter(
          ({ name }) => !ADDED_INDICES.some((added) => name === `ix_users_${added}`),
        );
      const before = [rows(), extras()];
      if (migrator === 'the service') await startAndEnd();
      else expect((await runMigrationScript('run', { DATABASE_URL })).status).toBe(0);
      expect([rows(), extras()]).toEqual(before);
      expect(query('PRAGMA foreign_key_check')).toEqual([]);
      expect(query('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    },
  );
});

describe('a table users of different origin', () => {
  it('gets the columns it lacks', async () => {
    change(`
      CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, username VARCHAR, hashed_password VARCHAR);
      CREATE UNIQUE INDEX ix_users_username ON users (username);
      INSERT INTO users VALUES (4, 'alex', '${HASH}');
    `);
    const { url } = await start();
    const token = await accessTokenFrom(url);
    expect(await (await readProfile(url, token)).json()).toEqual({
      'user data': { username: 'alex', email: null, full_name: null, disabled: false },
    });
    expect(await missingStatements(DATABASE_URL)).toEqual([]);
  });

  it('may have unique constraints where the tutorial has unique indexes', async () => {
    change(`
      CREATE TABLE users (id INTEGER PRIMARY KEY, username VARCHAR UNIQUE, full_name VARCHAR,
        email VARCHAR, hashed_password VARCHAR, disabled BOOLEAN, CONSTRAINT mail UNIQUE (email));
      INSERT INTO users VALUES (4, 'alex', NULL, 'alex@gmail.com', '${HASH}', 0);
    `);
    const before = users();
    const { url } = await start();
    expect(users()).toEqual(before);
    await accessTokenFrom(url);
    expect((await createUser('alex')).stderr).toContain('There is a user "alex" already');
  });
});

describe('a migration that fails', () => {
  it('leaves the file as it was, and says why in a line', async () => {
    change(`
      CREATE TABLE users (id INTEGER PRIMARY KEY, username VARCHAR, hashed_password VARCHAR);
      INSERT INTO users VALUES (1, 'twice', 'x'), (2, 'twice', 'y');
    `);
    const before = [schema(), users()];
    const { status, stderr } = await runService(folder);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^.*UNIQUE constraint failed: users\.username\n$/);
    expect([schema(), users()]).toEqual(before);
  });
});

describe('four processes that start together', () => {
  it.each([
    ['a fresh file', undefined],
    ["the tutorial's file", ROWS],
  ])(
    'all come up on %s',
    async (_, rows) => {
      if (rows) makeTutorialDatabase(path, rows);
      const started = await Promise.all([1, 2, 3, 4].map(() => start()));
      for (const { url } of started) expect((await fetch(`${url}/health/ready`)).status).toBe(200);
      expect(query('SELECT COUNT(*) AS n FROM migrations')).toEqual([{ n: MIGRATIONS.length }]);
      expect(users()).toHaveLength(rows?.length ?? 0);
    },
    60_000,
  );
});

describe('a start while another process has the whole file locked', () => {
  it('waits for it', async () => {
    makeTutorialDatabase(path, ROWS);
    const other = openSqlite(path);
    other.exec('BEGIN EXCLUSIVE');
    const starting = start().catch((error: unknown) => error as Error);
    // The only sign that the service waits is that it has neither failed nor come up by now.
    expect(await Promise.race([starting, sleep(3_000)])).toBeUndefined();
    other.exec('COMMIT');
    other.close();
    expect(await starting).not.toBeInstanceOf(Error);
  });
});

describe('DATABASE_MIGRATE=false', () => {
  const DATABASE_MIGRATE = 'false';

  it.each(['fresh', 'made by the tutorial'])(
    'does not start on a database that is %s, and says what to run',
    async (kind) => {
      if (kind !== 'fresh') makeTutorialDatabase(path, ROWS);
      const { status, stderr, stdout } = await runService(folder, { DATABASE_MIGRATE });
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toBe(
        'The database has pending migrations, and DATABASE_MIGRATE=false leaves them to you. Run: npm run migration:run\n',
      );
      expect(query(`SELECT name FROM sqlite_master WHERE name = 'migrations'`)).toEqual([]);
    },
  );

  it('starts once the migrations were run by hand', async () => {
    expect((await runMigrationScript('run', { DATABASE_URL })).status).toBe(0);
    const { url } = await start({ DATABASE_MIGRATE });
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  });
});

describe('the migration commands', () => {
  it('show, run, and revert', async () => {
    const show = async () => (await runMigrationScript('show', { DATABASE_URL })).stdout;
    expect(await show()).toContain('[ ] CreateUsers1764000000000');
    expect((await runMigrationScript('run', { DATABASE_URL })).status).toBe(0);
    expect(await show()).toContain('[X] 1 CreateUsers1764000000000');
    for (const { name } of MIGRATIONS.toReversed()) {
      expect(query('SELECT name FROM migrations').at(-1)).toEqual({ name });
      expect((await runMigrationScript('revert', { DATABASE_URL })).status).toBe(0);
    }
    expect(query(`SELECT name FROM sqlite_master WHERE tbl_name != 'migrations'`)).toEqual([
      { name: 'sqlite_sequence' },
    ]);
    expect((await runMigrationScript('run', { DATABASE_URL })).status).toBe(0);
  });

  it('refuse to drop users that exist', async () => {
    await createUser('alex');
    await revertToFirst(DATABASE_URL);
    const { status, stdout, stderr } = await runMigrationScript('revert', { DATABASE_URL });
    expect(status).toBe(1);
    expect(stdout + stderr).toContain('Refusing to drop the table users: there are users in it');
    expect(users()).toHaveLength(1);
    await startAndEnd();
  });

  it('do not start from a bad configuration', async () => {
    const { status } = await runMigrationScript('show', { DATABASE_URL: 'mysql://h/n' });
    expect(status).not.toBe(0);
    expect(existsSync(path)).toBe(false);
  });
});

describe('a migration command with a bad configuration', () => {
  it('says what is wrong, without a stack, with status 78', async () => {
    const { status, stderr } = await runMigrationScript('show', { DATABASE_URL: 'mysql://x' });
    expect(status).toBe(78);
    expect(stderr).toMatch(/DATABASE_URL: expected sqlite/);
    expect(stderr).not.toMatch(/^\s*at /m);
  });

  it('requires nothing that it does not need', async () => {
    const DATABASE_URL = `sqlite:///${path}`;
    const { status } = await runMigrationScript('run', { DATABASE_URL, SECRET_KEY: undefined });
    expect(status).toBe(0);
  });
});
