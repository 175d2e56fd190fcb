import { sql } from './sql.js';
import type { TemporaryFolder } from './temporary-folder.js';
import type { Row } from './test-database.js';

/** Inserts users into the database of a folder before the service is started there. Their ids are 1, 2 and so on. */
export async function addUsers(folder: TemporaryFolder, users: Row[]): Promise<void> {
  for (const user of users) {
    const marks = Object.keys(user).map(() => '?');
    const into = `INSERT INTO users (${Object.keys(user).join()}) VALUES (${marks.join()})`;
    await sql(folder, into, ...Object.values(user));
  }
}
