import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import bcrypt from 'bcrypt';
import { openSqlite } from '../build/database/sqlite-driver.js';
import { PASSWORD, SECRET_KEY } from './setup.js';

const CLI = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

/** Users as a file has them. */
export async function writeUsers(folder, count) {
  const hash = await bcrypt.hash(PASSWORD, 12);
  const users = Array.from({ length: count }, (_, i) => ({
    username: `user${i}`,
    email: `user${i}@example.com`,
    full_name: `User ${i}`,
    disabled: false,
    hashed_password: hash,
  }));
  const path = join(folder, 'users.ndjson');
  writeFileSync(path, users.map((user) => `${JSON.stringify(user)}\n`).join(''));
  return { path, users };
}

/** Users a second of `user import`, from the start of the program to its end, into an empty database. */
export async function measureImport(folder, { path, users }) {
  const database = `import-${Date.now()}.db`;
  await runCli(folder, database, ['user', 'list']);
  const begin = performance.now();
  await runCli(folder, database, ['user', 'import', path]);
  return (users.length / (performance.now() - begin)) * 1000;
}

/** Users a second of SQLite alone: the same rows, by one prepared statement, in one transaction. */
export async function measureInserts(folder, { users }) {
  const name = `floor-${Date.now()}.db`;
  await runCli(folder, name, ['user', 'list']);
  const database = openSqlite(join(folder, name));
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  const insert = database.prepare(
    `INSERT INTO users (username, username_key, email, email_key, full_name, disabled, hashed_password, created_at)
       VALUES (?, ?, ?, ?, ?, 0, ?, ?)`,
  );
  const begin = performance.now();
  database.transaction(() => {
    for (const { username, email, full_name, hashed_password } of users) {
      insert.run(username, username, email, email, full_name, hashed_password, Date.now());
    }
  })();
  const rate = (users.length / (performance.now() - begin)) * 1000;
  database.close();
  return rate;
}

async function runCli(folder, database, args) {
  const env = {
    PATH: process.env.PATH,
    SECRET_KEY,
    DATABASE_URL: `sqlite:///${folder}/${database}`,
  };
  const options = { cwd: folder, env, stdio: ['ignore', 'ignore', 'inherit'] };
  const child = spawn(process.execPath, [CLI, ...args], options);
  const [status] = await once(child, 'exit');
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`);
}
