import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openSqlite } from '../build/database/sqlite-driver.js';
import { PurposeKeys } from '../build/crypto/purpose-keys.js';
import { RefreshTokens } from '../build/sessions/refresh-tokens.js';
import { SECRET_KEY } from './setup.js';

export const DAY = 86_400_000;
const refreshTokens = new RefreshTokens(
  new PurposeKeys({ secretKey: SECRET_KEY, previousSecretKey: null }),
);

/** The first refresh token of a session. */
export const refreshTokenOf = (sid) => refreshTokens.write({ sid, counter: 0 });

/** Logs the first `users` users in, `each` times, without their passwords. @returns the refresh tokens */
export function addSessions(folder, users, each = 1, age = 0) {
  const database = open(folder);
  const created = Date.now() - age;
  const insert = database.prepare(
    `INSERT INTO sessions (id, user_id, client_authenticated, created_at, last_used_at, refresh_counter,
       tokens_expire_at, expires_at, scope) VALUES (?, ?, 0, ?, ?, 0, ?, ?, 'profile users:read')`,
  );
  const tokens = [];
  database.transaction(() => {
    for (let i = 0; i < users * each; i++) {
      const sid = randomBytes(16).toString('base64url');
      insert.run(sid, (i % users) + 1, created, created, created + DAY, created + 30 * DAY);
      tokens.push(refreshTokenOf(sid));
    }
  })();
  database.close();
  return tokens;
}

/** How many rows there are. */
export const countSessions = (folder) => countRows(folder, 'sessions');

/** How many messages are still to be sent. */
export const countMails = (folder) => countRows(folder, 'outgoing_mails');

function countRows(folder, table) {
  const database = open(folder);
  const { count } = database.prepare(`SELECT count(*) AS count FROM ${table}`).get();
  database.close();
  return count;
}

/** Exchanges each refresh token for an access token, 16 at a time. */
export async function accessTokensFor(url, tokens) {
  const accessTokens = [];
  for (let i = 0; i < tokens.length; i += 16) {
    accessTokens.push(...(await Promise.all(tokens.slice(i, i + 16).map((t) => refresh(url, t)))));
  }
  return accessTokens;
}

async function refresh(url, token) {
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token });
  const answer = await fetch(`${url}/token`, { method: 'POST', body });
  return (await answer.json()).access_token;
}

function open(folder) {
  const database = openSqlite(join(folder, 'users.db'));
  database.pragma('busy_timeout = 5000');
  return database;
}
