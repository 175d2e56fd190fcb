import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const { ISSUER = '', AUDIENCE = ISSUER, CLIENT_ID, CLIENT_SECRET, PORT = '3001' } = process.env;
const { WHEN_STALE = 'refuse', STALE_AFTER = '60' } = process.env;
assert(URL.canParse(ISSUER) && URL.canParse(AUDIENCE), "ISSUER, AUDIENCE: expected latchkey's");
assert(CLIENT_ID && CLIENT_SECRET, 'CLIENT_ID, CLIENT_SECRET: expected a registered client');
assert(/^(accept|refuse)$/.test(WHEN_STALE), 'WHEN_STALE: expected accept or refuse');
assert(STALE_AFTER >= 2 && PORT > 0, 'STALE_AFTER, PORT: expected 2 or more seconds, and a port');

// ---- In the background: latchkey's keys, and the sessions that have ended. ----

const METADATA = '/.well-known/oauth-authorization-server';
// Seconds until a feed without news answers anyway: often enough not to look like a dead one.
const WAIT = Math.min(25, Math.floor(STALE_AFTER / 2));
// Both are percent-encoded first (RFC 6749, section 2.3.1).
const authorization = `Basic ${btoa([CLIENT_ID, CLIENT_SECRET].map(encodeURIComponent).join(':'))}`;
// The keys are renewed before each request to the feed, never by a client's, and last while latchkey is down.
const LASTING = { cacheMaxAge: Infinity, cooldownDuration: Infinity };
const clockTolerance = 5; // seconds

const revoked = new Map(); // session id -> when its last token expires, in seconds since the epoch
let keys, cursor;
let heardAt = performance.now();
const age = () => Math.floor((performance.now() - heardAt) / 1000);

async function getJson(path, headers) {
  // With a timeout: a connection can be lost without notice.
  const signal = AbortSignal.timeout((WAIT + 5) * 1000);
  const response = await fetch(ISSUER.replace(/\/$/, '') + path, { headers, signal });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}

async function update() {
  keys ??= createRemoteJWKSet(new URL((await getJson(METADATA)).jwks_uri), LASTING);
  await keys.reload();
  assert(keys.jwks().keys.length > 0, 'latchkey has no key pair: set its ALGORITHM to ES256');
  const query = cursor ? `?since=${encodeURIComponent(cursor)}&wait=${WAIT}` : '';
  const news = await getJson(`/revocations${query}`, { authorization });
  for (const { sid, exp } of news.revoked) revoked.set(sid, exp);
  for (const [id, exp] of revoked) if (exp + clockTolerance < Date.now() / 1e3) revoked.delete(id);
  [cursor, heardAt] = [news.cursor, performance.now()];
}

// ---- For each request: everything needed is here. ----

const trusted = { issuer: ISSUER, audience: AUDIENCE, algorithms: ['ES256', 'PS256', 'RS256'] };
// jose checks `exp` only if it is present; and without a `sid` a token could not be revoked.
const strict = { typ: 'at+jwt', requiredClaims: ['exp', 'sub', 'uid', 'sid'], clockTolerance };
const refuse = (res, challenge) => res.set('WWW-Authenticate', challenge).sendStatus(401);

async function authenticate(req, res, next) {
  const [, token] = /^Bearer +([\w.~+/-]+=*)$/i.exec(req.get('Authorization') ?? '') ?? [];
  if (!token) return refuse(res, 'Bearer');
  const { payload } = await jwtVerify(token, keys, { ...trusted, ...strict }).catch(() => ({}));
  // Looked up after the verification, not before: what was revoked meanwhile counts.
  if (!payload || revoked.has(payload.sid)) return refuse(res, 'Bearer error="invalid_token"');
  // Not 401: that would send people to the login form for a fault that is not theirs.
  const isTooOld = WHEN_STALE === 'refuse' && age() > STALE_AFTER;
  if (isTooOld) return res.set('Retry-After', '5').sendStatus(503);
  req.user = payload;
  next();
}

const app = express().disable('x-powered-by');
app.use((req, res, next) => next(void res.set('Revocations-Age', String(age()))));
// `uid`, not `sub`: a name may belong to another user one day.
app.get('/notes', authenticate, ({ user }, res) => res.json({ notes: [`A note of ${user.uid}`] }));

for (let server, before, problem; ; await sleep(problem ? 1000 : 100)) {
  problem = await update().catch((error) => error.cause?.code ?? error.message);
  const state = !problem ? 'up to date' : age() > STALE_AFTER ? 'stale' : 'falling behind';
  if (state !== before) console.log(`Revocations: ${state} (${age()} s)`, problem ?? '');
  before = state;
  // From the first response on, not before; and after a failure with the whole list again.
  if (!problem) server ??= app.listen(PORT, '127.0.0.1', assert.ifError);
  else cursor = undefined;
}
