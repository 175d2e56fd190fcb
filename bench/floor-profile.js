// The floor of GET /users/me: a bare Express 5 handler that verifies the same JWT and runs the same query
// with a prepared statement. Prints its port.
import { createSecretKey } from 'node:crypto';
import express from 'express';
import jwt from 'jsonwebtoken';
import { openSqlite } from '../build/database/sqlite-driver.js';

const [databasePath, secret, issuer] = process.argv.slice(2);
const key = createSecretKey(Buffer.from(secret));
const select = openSqlite(databasePath).prepare(
  `SELECT u.id, u.username, u.email, u.full_name, u.hashed_password, u.disabled, s.user_id, s.revoked_at
   FROM users u LEFT JOIN sessions s ON s.id = ? WHERE u.username = ?`,
);

const app = express();
app.get('/users/me', (request, response) => {
  const token = request.headers.authorization.slice('Bearer '.length);
  const claims = jwt.verify(token, key, { algorithms: ['HS256'], issuer, audience: issuer });
  const { username, email, full_name, disabled } = select.get(claims.sid, claims.sub);
  response.json({ 'user data': { username, email, full_name, disabled: Boolean(disabled) } });
});

const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
