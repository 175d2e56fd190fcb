import { existsSync } from 'node:fs';
import BetterSqlite3, { type Database } from 'better-sqlite3';

/**
 * Opens a database that is only read.
 * @throws Error in a plain sentence
 */
export function openSource(file: string): Database {
  if (!existsSync(file)) throw new Error(`There is no ${file}`);
  const database = new BetterSqlite3(file, { fileMustExist: true, timeout: 2_000 });
  try {
    // Reads the header: any file can be opened.
    database.pragma('schema_version');
    return database;
  } catch (error) {
    database.close();
    throw new Error(`${file} is not a database of latchkey`, { cause: error });
  }
}
