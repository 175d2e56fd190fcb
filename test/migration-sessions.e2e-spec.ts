import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import { MIGRATIONS } from '../src/database/migrations.js';
import { Session } from '../src/sessions/session.entity.js';
import { PASSWORD } from './support/create-test-app.js';
import { openDatabase, type OpenDatabase } from './support/open-database.js';
import { PostgresServer } from './support/postgres.js';
import {
  findsNoDifference,
  revertToFirst,
  runMigrationScript,
  type ServiceProcess,
  startService,
} from './support/processes.js';
import { accessTokenFrom, logIn, readProfile } from './support/requests.js';
import { sessionRow } from './support/session-rows.js';
import { TemporaryFolder } from './support/temporary-folder.js';
import { makeTutorialDatabase } from './support/tutorial-database.js';

const HASH = bcrypt.hashSync(PASSWORD, 10);

/** What there is in a database, without its rows. */
const SCHEMA = {
  SQLite: 'SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name',
  PostgreSQL: `
    SELECT table_name AS name, column_name || ' ' || data_type || ' ' || is_nullable ||
      COALESCE(column_default, '') || COALESCE(character_maximum_length, 0) AS text
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
      WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT relname, relkind::text FROM pg_class
      WHERE relnamespace = 'public'::regnamespace
    ORDER BY 1, 2`,
};
/** What the first release has of a user. */
const COLUMNS = 'id, username, full_name, email, hashed_password, disabled';

const KINDS = ['SQLite', 'PostgreSQL'] as const;

let server: PostgresServer;
let folder: TemporaryFolder;
let DATABASE_URL: string;
let count = 0;
const services: ServiceProcess[] = [];

beforeAll(async () => {
  server = await PostgresServer.start();
}, 120_000);
afterAll(() => server.remove());
beforeEach(() => void (folder = new TemporaryFolder()));
afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.end('SIGKILL')));
  folder.remove();
});

async function start(): Promise<ServiceProcess> {
  const service = await startService(folder, { DATABASE_URL });
  services.push(service);
  return service;
}

/** Opens the database, has it for some work, and closes it. */
async function using<T>(count: number, work: (open: OpenDatabase) => Promise<T>): Promise<T> {
  const open = await openDatabase(DATABASE_URL, count);
  try {
    return await work(open);
  } finally {
    await open.dataSource.destroy();
  }
}

const rowsOf = (count: number, sql: string) =>
  using(count, ({ database }) => database.query<Record<string, unknown>>(sql, []));

describe.each(KINDS)('a database of the first release on %s', (kind) => {
  beforeEach(async () => {
    DATABASE_URL =
      kind === 'SQLite'
        ? `sqlite:///${folder.join('users.db')}`
        : await server.createDatabase(`upgrade_${++count}`);
    await rowsOf(
      1,
      `INSERT INTO users (username, full_name, email, hashed_password, disabled) VALUES
        ('alex', 'Alex Kasai', 'alex@example.com', '${HASH}', NULL),
        ('victor', NULL, NULL, '${HASH}', ${kind === 'SQLite' ? 1 : true})`,
    );
  });

  const users = (count: number) => rowsOf(count, `SELECT ${COLUMNS} FROM users ORDER BY id`);

  it('is brought up to date by a start, and its users log in as before', async () => {
    const before = await users(1);
    const { url } = await start();
    expect(await users(MIGRATIONS.length)).toEqual(before);
    expect((await readProfile(url, await accessTokenFrom(url))).status).toBe(200);
    expect((await logIn(url, { username: 'victor' })).status).toBe(401);
  });

  it('is just what the entities say afterwards', async () => {
    expect((await runMigrationScript('run', { DATABASE_URL })).status).toBe(0);
    expect(await findsNoDifference({ DATABASE_URL })).toBe(true);
    expect(await rowsOf(MIGRATIONS.length, 'SELECT id FROM revocation_counter')).toHaveLength(1);
  });

  it('is exactly what it was when it is taken back, with sessions in it', async () => {
    const [schema, rows] = [await rowsOf(1, SCHEMA[kind]), await users(1)];
    await using(MIGRATIONS.length, async ({ dataSource }) => {
      await dataSource.getRepository(Session).insert(sessionRow('live', 1));
    });
    expect(await rowsOf(MIGRATIONS.length, SCHEMA[kind])).not.toEqual(schema);
    await revertToFirst({ DATABASE_URL });
    expect(await rowsOf(1, SCHEMA[kind])).toEqual(schema);
    expect(await users(1)).toEqual(rows);
    const { url } = await start();
    await accessTokenFrom(url);
  }, 60_000);

  it('keeps a session whose user is deleted, without the user', async () => {
    const sessions = await using(MIGRATIONS.length, async ({ dataSource, database }) => {
      const repository = dataSource.getRepository(Session);
      await repository.insert([sessionRow('of-alex', 1), sessionRow('of-victor', 2)]);
      await database.query('DELETE FROM users WHERE id = 1', []);
      return repository.find({ order: { id: 'ASC' } });
    });
    const expected = [{ ...sessionRow('of-alex', 1), userId: null }, sessionRow('of-victor', 2)];
    expect(sessions).toEqual(expected);
  });

  it('takes no session of a user that is not there', async () => {
    await using(MIGRATIONS.length, async ({ dataSource }) => {
      const insert = dataSource.getRepository(Session).insert(sessionRow('homeless', 404));
      await expect(insert).rejects.toThrow(/foreign key/i);
    });
  });
});

describe("a users.db that the tutorial's database.py made", () => {
  beforeEach(() => {
    const path = folder.join('users.db');
    DATABASE_URL = `sqlite:///${path}`;
    makeTutorialDatabase(path, [{ id: 2, username: 'alex', hashed_password: HASH }]);
  });

  it('goes to the newest at once, and takes sessions of its users', async () => {
    const { url } = await start();
    expect((await readProfile(url, await accessTokenFrom(url))).status).toBe(200);
    expect(await rowsOf(MIGRATIONS.length, 'SELECT name FROM migrations')).toHaveLength(
      MIGRATIONS.length,
    );
    await using(MIGRATIONS.length, async ({ dataSource }) => {
      await dataSource.getRepository(Session).insert(sessionRow('first', 2));
    });
    expect(await findsNoDifference({ DATABASE_URL })).toBe(true);
    expect(await rowsOf(MIGRATIONS.length, 'PRAGMA foreign_key_check')).toEqual([]);
  });
});
