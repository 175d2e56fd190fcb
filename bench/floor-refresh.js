// The floor of a refresh: a bare Express 5 handler that reads the form, checks the token's HMAC, runs the same two
// prepared statements, and signs. Prints its port.
import { createHmac, createSecretKey, hkdfSync, randomUUID, timingSafeEqual } from 'node:crypto';
import { openSqlite } from '../build/database/sqlite-driver.js';
import express from 'express';
import jwt from 'jsonwebtoken';

const [databasePath, secret, issuer] = process.argv.slice(2);
const DAY = 86_400;
const signKey = createSecretKey(Buffer.from(secret));
const macKey = createSecretKey(
  Buffer.from(hkdfSync('sha256', secret, '', 'latchkey refresh token', 32)),
);
const database = openSqlite(databasePath);
database.pragma('synchronous = FULL');
const select = database.prepare(
  `SELECT s.*, u.username, u.disabled, u.scopes
   FROM sessions s LEFT JOIN users u ON u.id = s.user_id WHERE s.id = ?`,
);
const advance = database.prepare(
  `UPDATE sessions SET refresh_counter = @next, rotated_at = @now, last_used_at = @now,
     tokens_expire_at = @end, expires_at = @now + @idle
   WHERE id = @sid AND refresh_counter = @counter AND revoked_at IS NULL AND tokens_expire_at <= @end`,
);

const app = express();
app.post('/token', express.urlencoded({ extended: false }), (request, response) => {
  const { sid, counter } = read(request.body.refresh_token);
  const session = select.get(sid);
  const [now, next] = [Date.now(), counter + 1];
  if (counter !== session.refresh_counter || session.revoked_at !== null || session.disabled) {
    return response.status(400).json({ error: 'invalid_grant' });
  }
  const iat = Math.floor(now / 1000);
  const end = Math.max(session.tokens_expire_at, (iat + DAY) * 1000);
  const { changes } = advance.run({ sid, counter, next, now, end, idle: 30 * DAY * 1000 });
  if (changes !== 1) return response.status(400).json({ error: 'invalid_grant' });
  return response.json({
    access_token: sign(session, iat),
    token_type: 'bearer',
    expires_in: DAY,
    refresh_token: write(sid, next),
    scope: 'profile',
  });
});

function sign({ id, user_id, username }, iat) {
  const subject = { sub: username, uid: String(user_id), sid: id, scope: 'profile' };
  const claims = { ...subject, iss: issuer, aud: issuer, iat, exp: iat + DAY, jti: randomUUID() };
  return jwt.sign(claims, signKey, { algorithm: 'HS256', header: { typ: 'at+jwt' } });
}

function read(token) {
  const bytes = Buffer.from(token, 'base64url');
  const content = bytes.subarray(0, 20);
  if (!timingSafeEqual(mac(content), bytes.subarray(20))) throw new Error('HMAC');
  return { sid: content.toString('base64url', 0, 16), counter: content.readUInt32BE(16) };
}

function write(sid, counter) {
  const content = Buffer.alloc(20);
  content.write(sid, 'base64url');
  content.writeUInt32BE(counter, 16);
  return Buffer.concat([content, mac(content)]).toString('base64url');
}

function mac(content) {
  return createHmac('sha256', macKey).update(content).digest();
}

const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
