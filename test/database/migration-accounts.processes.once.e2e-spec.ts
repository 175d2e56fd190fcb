import { beforeEach, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import { MIGRATIONS } from '../../src/database/migrations.js';
import { openSqlite } from '../../src/database/sqlite-driver.js';
import { PASSWORD } from '../support/create-test-app.js';
import { missingStatements } from '../support/open-database.js';
import { runMigrationScript } from '../support/processes.js';
import { accessTokenFrom, logIn, readProfile } from '../support/requests.js';
import { makeTutorialDatabase } from '../support/tutorial-database.js';
import { KINDS, Upgrade } from '../support/upgrade.js';

const HASH = bcrypt.hashSync(PASSWORD, 10);
/** How many migrations there were before accounts. */
const BEFORE = 4;
/** In the order of their ids; the last two are the canonical forms that they get. */
const USERS: [username: string | null, email: string | null, name: unknown, address: unknown][] = [
  ['ALEX', 'Alex@Example.com', 'alex', 'alex@example.com'],
  ['alex', 'alex@example.com', null, null],
  ['Alex', null, null, null],
  ['ａｌｅｘ', null, null, null],
  ['alex\u200d', null, null, null],
  ['strasse', 'İ@example.com', 'strasse', 'İ@example.com'],
  ['straße', 'i̇@example.com', null, 'i̇@example.com'],
  [null, null, null, null],
  [null, null, null, null],
  ['', '', null, null],
  [' a name with  blanks ', 'no address', ' a name with  blanks ', 'no address'],
  [
    'x'.repeat(300),
    `${'x'.repeat(300)}@example.com`,
    'x'.repeat(300),
    `${'x'.repeat(300)}@example.com`,
  ],
  ['ﷺ'.repeat(300), null, expect.stringMatching(/^sha256:[0-9a-f]{64}$/), null],
  ['quo\'te"s\\ \n\t', '%_@example.com', 'quo\'te"s\\ \n\t', '%_@example.com'],
];

const upgrade = new Upgrade();

/** Reverts the migrations of accounts, newest first. */
const revertAccounts = () =>
  upgrade.using(MIGRATIONS.length, async ({ dataSource }) => {
    for (let i = BEFORE; i < MIGRATIONS.length; i++) await dataSource.undoLastMigration();
  });

describe.each(KINDS)('users of a database from before accounts on %s', (kind) => {
  const COLUMNS = 'id, username, full_name, email, hashed_password, disabled';
  const users = (count: number) =>
    upgrade.rowsOf(count, `SELECT ${COLUMNS} FROM users ORDER BY id`);
  const everything = () => upgrade.rowsOf(BEFORE, 'SELECT * FROM users ORDER BY id');
  const schema = () =>
    upgrade.rowsOf(
      BEFORE,
      kind === 'SQLite'
        ? 'SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name'
        : `SELECT table_name AS name, column_name || ' ' || data_type AS text
           FROM information_schema.columns WHERE table_schema = 'public'
           UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
           UNION ALL SELECT tgname, tgenabled::text FROM pg_trigger ORDER BY 1, 2`,
    );

  beforeEach(async () => {
    await upgrade.begin(kind);
    const path = upgrade.folder.join('users.db');
    if (kind === 'SQLite') makeTutorialDatabase(path);
    await upgrade.using(BEFORE, async ({ dataSource }) => {
      for (const [index, [username, email]] of USERS.entries()) {
        const values = [index + 1, username, email, HASH];
        const places = kind === 'SQLite' ? '?, ?, ?, ?' : '$1, $2, $3, $4';
        const sql = `INSERT INTO users (id, username, email, hashed_password) VALUES (${places})`;
        await dataSource.query(sql, values);
      }
    });
  });

  it('stay as they are, and of those whose names are the same the oldest has the key', async () => {
    const before = await users(BEFORE);
    const keys = await upgrade.rowsOf(
      MIGRATIONS.length,
      'SELECT username_key AS name, email_key AS address FROM users ORDER BY id',
    );
    expect(await users(MIGRATIONS.length)).toEqual(before);
    expect(keys).toEqual(USERS.map(([, , name, address]) => ({ name, address })));
    const others = 'email_verified_at, pending_until, scopes, created_at';
    const [first] = await upgrade.rowsOf(MIGRATIONS.length, `SELECT ${others} FROM users`);
    expect(Object.values(first!)).toEqual([null, null, null, null]);
  });

  it('log in exactly as before, each of them', async () => {
    const { url } = await upgrade.start();
    for (const [username] of USERS) {
      if (!username) continue;
      const token = await accessTokenFrom(url, { username });
      expect(await (await readProfile(url, token)).json()).toMatchObject({
        'user data': { username },
      });
    }
    for (const username of ['aLEX', 'STRASSE', '', ' a name with  blanks']) {
      expect((await logIn(url, { username })).status).not.toBe(200);
    }
  });

  it('are in a table that matches the entities', async () => {
    expect((await runMigrationScript('run', { DATABASE_URL: upgrade.url })).status).toBe(0);
    expect(await missingStatements(upgrade.url)).toEqual([]);
  });

  it('are exactly what they were when the migrations are reverted', async () => {
    const before = [await schema(), await everything()];
    await upgrade.rowsOf(MIGRATIONS.length, 'SELECT 1 AS one');
    await revertAccounts();
    expect([await schema(), await everything()]).toEqual(before);
    await upgrade.start();
  });

  it('set off no trigger of the table, and those stay as they are', async () => {
    await upgrade.using(BEFORE, async ({ dataSource }) => {
      await dataSource.query('CREATE TABLE changes (id integer)');
      if (kind === 'SQLite') {
        await dataSource.query(`CREATE TRIGGER "on ""change""" AFTER UPDATE ON users
          BEGIN INSERT INTO changes VALUES (NEW.id); END`);
        return;
      }
      await dataSource.query(`CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN INSERT INTO changes VALUES (NEW.id); RETURN NEW; END'`);
      await dataSource.query(
        'CREATE TRIGGER on_change AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION note()',
      );
    });
    const before = await schema();
    expect(await upgrade.rowsOf(MIGRATIONS.length, 'SELECT * FROM changes')).toEqual([]);
    await upgrade.using(MIGRATIONS.length, ({ dataSource }) =>
      dataSource.query(`UPDATE users SET full_name = 'x' WHERE id = 2`),
    );
    expect(await upgrade.rowsOf(MIGRATIONS.length, 'SELECT * FROM changes')).toEqual([{ id: 2 }]);
    await revertAccounts();
    expect(await schema()).toEqual(before);
  });

  it('keep additional columns, also those whose names are needed', async () => {
    await upgrade.using(BEFORE, async ({ dataSource }) => {
      await dataSource.query(`ALTER TABLE users ADD COLUMN created_at varchar`);
      await dataSource.query(`ALTER TABLE users ADD COLUMN avatar varchar`);
      await dataSource.query('CREATE INDEX ix_created ON users (created_at)');
      await dataSource.query('CREATE VIEW ages AS SELECT username, created_at AS since FROM users');
      await dataSource.query(`UPDATE users SET created_at = '1999', avatar = 'cat' WHERE id = 1`);
    });
    const before = [await schema(), await everything()];
    const mine = 'SELECT created_at, adopted_created_at, avatar FROM users ORDER BY id LIMIT 1';
    const kept = { created_at: null, adopted_created_at: '1999', avatar: 'cat' };
    expect(await upgrade.rowsOf(MIGRATIONS.length, mine)).toEqual([kept]);
    const [age] = await upgrade.rowsOf(
      MIGRATIONS.length,
      `SELECT since FROM ages WHERE username = 'ALEX'`,
    );
    expect(age).toEqual({ since: '1999' });
    await revertAccounts();
    expect([await schema(), await everything()]).toEqual(before);
  });

  it('may be a hundred thousand', async () => {
    const numbers = (from: number, to: number) =>
      kind === 'SQLite'
        ? `WITH RECURSIVE n(i) AS (VALUES (${from}) UNION ALL SELECT i + 1 FROM n WHERE i < ${to})`
        : `WITH n AS (SELECT i FROM generate_series(${from}, ${to}) AS i)`;
    await upgrade.using(BEFORE, async ({ dataSource }) => {
      for (let from = 100; from < 100_100; from += 10_000) {
        await dataSource.query(
          `${numbers(from, from + 9_999)} INSERT INTO users (id, username, email)
           SELECT i, CASE WHEN i % 2 = 0 THEN 'User' ELSE 'USER' END || (i / 2),
             'User' || i || '@example.com' FROM n`,
        );
      }
    });
    const [counts] = await upgrade.rowsOf(
      MIGRATIONS.length,
      'SELECT COUNT(username_key) AS names, COUNT(email_key) AS addresses FROM users WHERE id >= 100',
    );
    expect({ names: Number(counts?.names), addresses: Number(counts?.addresses) }).toEqual({
      names: 50_000,
      addresses: 100_000,
    });
  });
});

describe('users with unusual ids', () => {
  it('get their keys like the others', async () => {
    await upgrade.begin('SQLite');
    const path = upgrade.folder.join('users.db');
    makeTutorialDatabase(
      path,
      [-5, 0, 9_007_199_254_740_991].map((id) => ({ id, username: `U${id}` })),
    );
    const { url } = await upgrade.start();
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    const database = openSqlite(path);
    expect(database.prepare('SELECT username_key FROM users ORDER BY id').pluck().all()).toEqual([
      'u-5',
      'u0',
      'u9007199254740991',
    ]);
    database.close();
  });
});
