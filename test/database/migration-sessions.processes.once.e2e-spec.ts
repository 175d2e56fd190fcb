import { beforeEach, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import { MIGRATIONS } from '../../src/database/migrations.js';
import { Session } from '../../src/sessions/session.entity.js';
import { PASSWORD } from '../support/create-test-app.js';
import { revertToFirst, missingStatements } from '../support/open-database.js';
import { runMigrationScript } from '../support/processes.js';
import { accessTokenFrom, logIn, readProfile } from '../support/requests.js';
import { sessionRow } from '../support/session-rows.js';
import { makeTutorialDatabase } from '../support/tutorial-database.js';
import { KINDS, Upgrade } from '../support/upgrade.js';

const HASH = bcrypt.hashSync(PASSWORD, 10);

/** The schema of a database, without its rows. */
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

const upgrade = new Upgrade();

describe.each(KINDS)('a database of the first release on %s', (kind) => {
  beforeEach(async () => {
    await upgrade.begin(kind);
    await upgrade.rowsOf(
      1,
      `INSERT INTO users (username, full_name, email, hashed_password, disabled) VALUES
        ('alex', 'Alex Kasai', 'alex@example.com', '${HASH}', NULL),
        ('victor', NULL, NULL, '${HASH}', ${kind === 'SQLite' ? 1 : true})`,
    );
  });

  const users = (count: number) =>
    upgrade.rowsOf(count, `SELECT ${COLUMNS} FROM users ORDER BY id`);

  it('is brought up to date by a start, and its users log in as before', async () => {
    const before = await users(1);
    const { url } = await upgrade.start();
    expect(await users(MIGRATIONS.length)).toEqual(before);
    expect((await readProfile(url, await accessTokenFrom(url))).status).toBe(200);
    expect((await logIn(url, { username: 'victor' })).status).toBe(401);
  });

  it('matches the entities afterwards', async () => {
    expect((await runMigrationScript('run', { DATABASE_URL: upgrade.url })).status).toBe(0);
    expect(await missingStatements(upgrade.url)).toEqual([]);
    expect(
      await upgrade.rowsOf(MIGRATIONS.length, 'SELECT id FROM revocation_counter'),
    ).toHaveLength(1);
  });

  it('is exactly what it was when reverted, with sessions in it', async () => {
    const [schema, rows] = [await upgrade.rowsOf(1, SCHEMA[kind]), await users(1)];
    await upgrade.using(MIGRATIONS.length, async ({ dataSource }) => {
      await dataSource.getRepository(Session).insert(sessionRow('live', 1));
    });
    expect(await upgrade.rowsOf(MIGRATIONS.length, SCHEMA[kind])).not.toEqual(schema);
    await revertToFirst(upgrade.url);
    expect(await upgrade.rowsOf(1, SCHEMA[kind])).toEqual(schema);
    expect(await users(1)).toEqual(rows);
    const { url } = await upgrade.start();
    await accessTokenFrom(url);
  });

  it('keeps a session whose user is deleted, without the user', async () => {
    const sessions = await upgrade.using(MIGRATIONS.length, async ({ dataSource, database }) => {
      const repository = dataSource.getRepository(Session);
      await repository.insert([sessionRow('of-alex', 1), sessionRow('of-victor', 2)]);
      await database.query('DELETE FROM users WHERE id = 1', []);
      return repository.find({ order: { id: 'ASC' } });
    });
    const expected = [{ ...sessionRow('of-alex', 1), userId: null }, sessionRow('of-victor', 2)];
    expect(sessions).toEqual(expected);
  });

  it('accepts no session of a user that does not exist', async () => {
    await upgrade.using(MIGRATIONS.length, async ({ dataSource }) => {
      const insert = dataSource.getRepository(Session).insert(sessionRow('homeless', 404));
      await expect(insert).rejects.toThrow(/foreign key/i);
    });
  });
});

describe("a users.db that the tutorial's database.py made", () => {
  beforeEach(async () => {
    await upgrade.begin('SQLite');
    const path = upgrade.folder.join('users.db');
    makeTutorialDatabase(path, [{ id: 2, username: 'alex', hashed_password: HASH }]);
  });

  it('migrates to the newest version at once, and accepts sessions of its users', async () => {
    const { url } = await upgrade.start();
    expect((await readProfile(url, await accessTokenFrom(url))).status).toBe(200);
    expect(await upgrade.rowsOf(MIGRATIONS.length, 'SELECT name FROM migrations')).toHaveLength(
      MIGRATIONS.length,
    );
    await upgrade.using(MIGRATIONS.length, async ({ dataSource }) => {
      await dataSource.getRepository(Session).insert(sessionRow('first', 2));
    });
    expect(await missingStatements(upgrade.url)).toEqual([]);
    expect(await upgrade.rowsOf(MIGRATIONS.length, 'PRAGMA foreign_key_check')).toEqual([]);
  });
});
