import { readdirSync, readFileSync } from 'node:fs';
import type { TestApp } from './create-test-app.js';
import { sql } from './sql.js';
import { kind } from './test-database.js';

const TABLES = {
  SQLite: `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`,
  PostgreSQL: `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
};

const COLUMNS = {
  SQLite: 'SELECT name FROM pragma_table_info(?)',
  PostgreSQL: 'SELECT column_name AS name FROM information_schema.columns WHERE table_name = ?',
};

/** Every table of an app's database, and the names of its columns. */
export async function tablesOf(app: TestApp): Promise<Record<string, string[]>> {
  const tables: Record<string, string[]> = {};
  for (const { name } of await sql<{ name: string }>(app, TABLES[kind()])) {
    const columns = await sql<{ name: string }>(app, COLUMNS[kind()], name);
    tables[name] = columns.map((column) => column.name);
  }
  return tables;
}

/** Everything that an app has stored: the bytes of SQLite's files, or every value of PostgreSQL's tables. */
export async function storedBytes(app: TestApp): Promise<string> {
  if (kind() === 'SQLite') {
    const files = readdirSync(app.folder.path).filter((name) => name.startsWith('users.db'));
    return files.map((name) => readFileSync(app.folder.join(name), 'latin1')).join('');
  }
  const tables = Object.keys(await tablesOf(app));
  const rows = await Promise.all(tables.map((table) => sql(app, `SELECT * FROM ${table}`)));
  return JSON.stringify(rows);
}

/** Makes the database refuse or ignore some updates of a table, during the work. @param condition of NEW and OLD */
export async function whileUpdates(
  app: TestApp,
  table: string,
  condition: string,
  happening: 'are refused' | 'are ignored',
  work: () => Promise<void>,
): Promise<void> {
  const isRefusal = happening === 'are refused';
  const trigger = `CREATE TRIGGER hindrance BEFORE UPDATE ON ${table} FOR EACH ROW WHEN (${condition})`;
  if (kind() === 'SQLite') {
    await sql(app, `${trigger} BEGIN SELECT RAISE(${isRefusal ? `ABORT, 'no'` : 'IGNORE'}); END`);
  } else {
    const body = isRefusal ? `RAISE EXCEPTION 'no'` : 'RETURN NULL';
    await sql(
      app,
      `CREATE FUNCTION hindrance() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN ${body.replaceAll(`'`, `''`)}; END'`,
    );
    await sql(app, `${trigger} EXECUTE FUNCTION hindrance()`);
  }
  try {
    await work();
  } finally {
    await sql(app, `DROP TRIGGER hindrance${kind() === 'SQLite' ? '' : ` ON ${table}`}`);
    if (kind() === 'PostgreSQL') await sql(app, 'DROP FUNCTION hindrance');
  }
}
