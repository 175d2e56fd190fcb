import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import bcrypt from 'bcrypt';
import { logIn } from './http.js';
import { runCli } from './processes.js';

export const PASSWORD = 'correct horse battery';

let hash;

/** Imports `count` users with one password, on the command line. @returns their names */
export async function makeUsers(folder, changes, count, prefix = 'user') {
  hash ??= await bcrypt.hash(PASSWORD, 10);
  const names = Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`);
  const file = join(folder, `${prefix}.ndjson`);
  const line = (username) => JSON.stringify({ username, hashed_password: hash });
  writeFileSync(file, names.map((name) => `${line(name)}\n`).join(''), { mode: 0o600 });
  await runCli(folder, changes, 'user', 'import', file);
  return names;
}

/** @returns the tokens of the login. @throws Error unless it is granted */
export async function tokensOf(url, username, password = PASSWORD) {
  const answer = await logIn(url, username, password);
  if (answer.status !== 200)
    throw new Error(`The login was answered with ${answer.status}: ${answer.text}`);
  const { access_token, refresh_token } = answer.json();
  return { access: access_token, refresh: refresh_token };
}
