import { Table, TableIndex } from 'typeorm';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { canonicalAddress, canonicalName } from '../../common/canonical-text.js';

const TABLE = 'users';

/** How many users get their canonical forms at a time. */
const PAGE = 200;

/** A column of an adopted table with a name that is needed now is renamed. */
const ADOPTED = 'adopted_';

const INDICES = [
  { name: 'ix_users_username_key', columnNames: ['username_key'], isUnique: true },
  { name: 'ix_users_email_key', columnNames: ['email_key'], isUnique: true },
  { name: 'ix_users_pending_until', columnNames: ['pending_until'], isUnique: false },
  // Few have any scopes, or are disabled, and queries for those want them in this order.
  { name: 'ix_users_scoped', columnNames: ['id'], isUnique: false, where: 'scopes IS NOT NULL' },
  { name: 'ix_users_disabled', columnNames: ['id'], isUnique: false, where: 'disabled' },
];

interface Row {
  id: number;
  username: string | null;
  email: string | null;
}

/**
 * What accounts need of a user: the canonical forms that are unique, scopes, whether the address is known to be
 * theirs. Existing users stay as they are; of those whose canonical forms are the same, the oldest has
 * it. Also the names that can't be reused yet.
 */
export class ExtendUsers1795400000000 implements MigrationInterface {
  name = 'ExtendUsers1795400000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const existing = await columnNames(queryRunner);
    // Our own statements: TypeORM would rebuild SQLite's table, and lose an adopted one's triggers.
    for (const [name, type] of columnsOf(queryRunner)) {
      if (existing.has(name)) await rename(queryRunner, name, ADOPTED + name);
      await queryRunner.query(`ALTER TABLE ${TABLE} ADD COLUMN ${name} ${type}`);
    }
    await withoutTriggers(queryRunner, () => writeKeys(queryRunner));
    for (const index of INDICES) await queryRunner.createIndex(TABLE, new TableIndex(index));
    await queryRunner.createTable(releasedTable(queryRunner));
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('released_usernames');
    for (const { name } of INDICES) await queryRunner.query(`DROP INDEX ${name}`);
    const existing = await columnNames(queryRunner);
    for (const [name] of columnsOf(queryRunner)) {
      await queryRunner.query(`ALTER TABLE ${TABLE} DROP COLUMN ${name}`);
      if (existing.has(ADOPTED + name)) await rename(queryRunner, ADOPTED + name, name);
    }
  }
}

function columnsOf(queryRunner: QueryRunner): [name: string, type: string][] {
  // Byte order, as on SQLite, so that the index serves a search by prefix.
  const key = isPostgres(queryRunner) ? 'varchar COLLATE "C"' : 'varchar';
  return [
    ['username_key', key],
    ['email_key', key],
    ['email_verified_at', 'bigint'],
    ['pending_until', 'bigint'],
    ['scopes', 'varchar'],
    ['created_at', 'bigint'],
  ];
}

function releasedTable({ dataSource: { driver } }: QueryRunner): Table {
  return new Table({
    name: 'released_usernames',
    columns: [
      {
        name: 'username_key',
        type: driver.normalizeType({ type: 'varchar' }),
        isPrimary: true,
      },
      { name: 'free_at', type: driver.normalizeType({ type: 'bigint' }) },
    ],
  });
}

async function columnNames(queryRunner: QueryRunner): Promise<Set<string>> {
  const table = await queryRunner.getTable(TABLE);
  return new Set(table?.columns.map(({ name }) => name.toLowerCase()));
}

/** Views, triggers and indexes that name it follow automatically. */
async function rename(queryRunner: QueryRunner, from: string, to: string): Promise<void> {
  await queryRunner.query(`ALTER TABLE ${TABLE} RENAME COLUMN ${from} TO ${to}`);
}

/** The triggers of an adopted table are not meant for this change. */
async function withoutTriggers(queryRunner: QueryRunner, work: () => Promise<void>): Promise<void> {
  if (isPostgres(queryRunner)) {
    await queryRunner.query(`ALTER TABLE ${TABLE} DISABLE TRIGGER USER`);
    await work();
    await queryRunner.query(`ALTER TABLE ${TABLE} ENABLE TRIGGER USER`);
    return;
  }
  const triggers = (await queryRunner.query(
    `SELECT name, sql FROM sqlite_master WHERE tbl_name = '${TABLE}' AND type = 'trigger'`,
  )) as { name: string; sql: string }[];
  for (const { name } of triggers) {
    await queryRunner.query(`DROP TRIGGER "${name.replaceAll('"', '""')}"`);
  }
  await work();
  for (const { sql } of triggers) await queryRunner.query(sql);
}

async function writeKeys(queryRunner: QueryRunner): Promise<void> {
  const names = new Set<string>();
  const addresses = new Set<string>();
  for (let last = Number.MIN_SAFE_INTEGER; ;) {
    const rows = (await queryRunner.query(
      `SELECT id, username, email FROM ${TABLE} WHERE id > ${last} ORDER BY id LIMIT ${PAGE}`,
    )) as Row[];
    if (rows.length === 0) return;
    const keys = rows.flatMap(({ id, username, email }) => [
      id,
      claim(names, username && canonicalName(username)),
      claim(addresses, email && canonicalAddress(email)),
    ]);
    await writePage(queryRunner, keys);
    last = rows.at(-1)?.id ?? last;
  }
}

/** @returns the key, if nobody has it yet */
function claim(taken: Set<string>, key: string | null): string | null {
  if (!key || taken.has(key)) return null;
  taken.add(key);
  return key;
}

/** @param keys id, key of the username, key of the address, and so on */
async function writePage(queryRunner: QueryRunner, keys: unknown[]): Promise<void> {
  const tuples = Array.from({ length: keys.length / 3 }, (_, i) =>
    isPostgres(queryRunner)
      ? `($${3 * i + 1}::integer, $${3 * i + 2}::varchar, $${3 * i + 3}::varchar)`
      : '(?, ?, ?)',
  );
  await queryRunner.query(
    `WITH page (id, name, address) AS (VALUES ${tuples.join(', ')})
     UPDATE ${TABLE} SET username_key = page.name, email_key = page.address
     FROM page WHERE ${TABLE}.id = page.id`,
    keys,
  );
}

function isPostgres({ dataSource: { options } }: QueryRunner): boolean {
  return options.type === 'postgres';
}
