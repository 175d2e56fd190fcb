import { join } from 'node:path';
import autocannon from 'autocannon';
import { openSqlite } from '../build/database/sqlite-driver.js';
import { accessTokensFor, addSessions } from './sessions.js';

/** How many users a page of the list has. */
const LIMIT = 100;

/** Lets the first user see the others. @returns an access token of theirs */
export async function makeReader(folder, url) {
  const database = openSqlite(join(folder, 'users.db'));
  database.pragma('busy_timeout = 5000');
  database.exec("UPDATE users SET scopes = 'users:read' WHERE id = 1");
  const [token] = await accessTokensFor(url, addSessions(folder, 1));
  database.close();
  return token;
}

/** Walks through the list. @returns the path of its page `n`, counted from 1 */
export async function walkTo(url, token, n) {
  let path = `/admin/users?limit=${LIMIT}`;
  for (let page = 1; page < n; page++) {
    const answer = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } });
    const { next_cursor } = await answer.json();
    path = `/admin/users?limit=${LIMIT}&cursor=${next_cursor}`;
  }
  return path;
}

/** Reads one page without pause. */
export function readPage(url, token, path, seconds) {
  const headers = { authorization: `Bearer ${token}` };
  return autocannon({ url: url + path, connections: 4, duration: seconds, headers });
}
