import { Table, TableIndex } from 'typeorm';
import type { MigrationInterface, QueryRunner, TableColumn } from 'typeorm';

/**
 * The tutorial's table `users`. One that its own `database.py` made is adopted as it is: rows, extra
 * columns and indexes stay, and only what is missing is added. On SQLite that is above all AUTOINCREMENT,
 * without which the id of a deleted user would be given to the next one, and their tokens with it.
 */
export class CreateUsers1764000000000 implements MigrationInterface {
  name = 'CreateUsers1764000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    if (await queryRunner.hasTable('users')) await adopt(queryRunner);
    else await queryRunner.createTable(usersTable(queryRunner));
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const rows = (await queryRunner.query('SELECT 1 FROM users LIMIT 1')) as unknown[];
    if (rows.length > 0) throw new Error('Refusing to drop the table users: there are users in it');
    await queryRunner.dropTable('users');
  }
}

function usersTable({ dataSource: { driver, options } }: QueryRunner): Table {
  const text = { type: driver.normalizeType({ type: 'varchar' }), isNullable: true };
  const integer = driver.normalizeType({ type: Number });
  return new Table({
    name: 'users',
    columns: [
      {
        name: 'id',
        type: integer,
        isPrimary: true,
        isGenerated: true,
        generationStrategy: 'increment',
      },
      { name: 'username', ...text },
      { name: 'full_name', ...text },
      { name: 'email', ...text },
      { name: 'hashed_password', ...text },
      {
        name: 'disabled',
        type: driver.normalizeType({ type: Boolean }),
        isNullable: true,
        default: options.type === 'postgres' ? 'false' : '0',
      },
    ],
    indices: [
      { name: 'ix_users_id', columnNames: ['id'] },
      { name: 'ix_users_username', columnNames: ['username'], isUnique: true },
      { name: 'ix_users_email', columnNames: ['email'], isUnique: true },
    ],
  });
}

async function adopt(queryRunner: QueryRunner): Promise<void> {
  const wanted = usersTable(queryRunner);
  const putBack = await takeAside(queryRunner);
  const existing = await loadTable(queryRunner);
  const missing = wanted.columns.filter(({ name }) => !existing.findColumnByName(name));
  if (missing.length > 0) await queryRunner.addColumns(existing, missing);
  await queryRunner.changeColumns('users', outdatedColumns(existing, wanted));
  await putBack();
  const names = new Set((await loadTable(queryRunner)).indices.map(({ name }) => name));
  const missingIndices = wanted.indices.filter(({ name }) => !names.has(name));
  await queryRunner.createIndices(
    'users',
    missingIndices.map((index) => new TableIndex(index)),
  );
}

async function loadTable(queryRunner: QueryRunner): Promise<Table> {
  const table = await queryRunner.getTable('users');
  if (!table) throw new TypeError('There is no table users');
  return table;
}

/**
 * To change a column on SQLite the table is rebuilt, and TypeORM loses triggers and garbles indexes on
 * expressions then: all of them are dropped first, and restored as they were written. Views are not checked
 * meanwhile (sqlite.org/pragma.html#pragma_legacy_alter_table).
 */
async function takeAside(queryRunner: QueryRunner): Promise<() => Promise<void>> {
  if (queryRunner.dataSource.options.type === 'postgres') return () => Promise.resolve();
  const extras = (await queryRunner.query(
    `SELECT type, name, sql FROM sqlite_master
     WHERE tbl_name = 'users' AND type IN ('index', 'trigger') AND sql IS NOT NULL`,
  )) as { type: string; name: string; sql: string }[];
  for (const { type, name } of extras) {
    await queryRunner.query(`DROP ${type} "${name.replaceAll('"', '""')}"`);
  }
  await queryRunner.query('PRAGMA legacy_alter_table = ON');
  return async () => {
    await queryRunner.query('PRAGMA legacy_alter_table = OFF');
    for (const { sql } of extras) await queryRunner.query(sql);
  };
}

/** The id where it lacks AUTOINCREMENT, `disabled` where it has no default. */
function outdatedColumns(existing: Table, wanted: Table) {
  return ['id', 'disabled'].flatMap((name) => {
    const oldColumn = existing.findColumnByName(name);
    const target = wanted.findColumnByName(name);
    if (!oldColumn || !target || isLike(oldColumn, target)) return [];
    const newColumn = oldColumn.clone();
    newColumn.isGenerated = target.isGenerated;
    newColumn.generationStrategy = target.generationStrategy;
    newColumn.default = target.default as string;
    return [{ oldColumn, newColumn }];
  });
}

function isLike(column: TableColumn, target: TableColumn): boolean {
  return column.isGenerated === target.isGenerated && column.default === target.default;
}
