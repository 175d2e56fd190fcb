// The floor of a refresh: a row changed by a prepared statement and committed to the disk (WAL, synchronous FULL),
// one after the other, for the given seconds. Prints commits a second.
import { openSqlite } from '../build/database/sqlite-driver.js';

const [path, seconds] = process.argv.slice(2);
const ROWS = 10_000;
const database = openSqlite(path);
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.exec('CREATE TABLE IF NOT EXISTS rows (id TEXT PRIMARY KEY, counter INTEGER)');
const insert = database.prepare('INSERT OR IGNORE INTO rows VALUES (?, 0)');
database.transaction(() => {
  for (let i = 0; i < ROWS; i++) insert.run(`row${i}`);
})();
const update = database.prepare('UPDATE rows SET counter = counter + 1 WHERE id = ?');

const begin = performance.now();
const end = begin + Number(seconds) * 1000;
let done = 0;
while (performance.now() < end) update.run(`row${done++ % ROWS}`);
console.log((done / (performance.now() - begin)) * 1000);
