import { json, Refused, send } from './latchkey.js';
import { read, write } from './store.js';

// The login and its tokens. The access token is in the memory of this tab alone. The refresh token is stored where
// every tab finds it; it is valid once, so the tabs take turns in exchanging it.

const LOCK = 'latchkey.tokens';

/** Milliseconds. Below latchkey's REFRESH_REUSE_SECONDS: after a lost response the same token still works once more. */
const EXCHANGE_PATIENCE = 5_000;
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 15_000;

/** Nobody is logged in, or no longer. Listeners of `out` know already. */
export class LoggedOut extends Error {}

const session = new EventTarget();
const tell = (name, reason) => session.dispatchEvent(new CustomEvent(name, { detail: reason }));

/**
 * @param {'in' | 'out' | 'fresh' | 'stuck'} name `in`, `out`: a login begins or ends. `fresh`, `stuck`: it has
 *   another access token, or can't get one at the moment, which is retried.
 * @param {(reason?: string) => void} listener
 */
export function on(name, listener) {
  session.addEventListener(name, ({ detail }) => listener(detail ?? undefined));
}

/** The access token with its expiry and its login; undefined while nobody is logged in. */
let access;
/** To the other tabs: `in` or `out`. */
const others = new BroadcastChannel('latchkey.session');
let isIn = false;
/** Counts logins: a response that arrives after a logout is not for the user who is logged in by then. */
let login = 0;
let refreshing;
let timer;
let pause = FIRST_PAUSE;

export const isLoggedIn = () => isIn;

/** Continues the login of an earlier visit, or of another tab. */
export async function resume() {
  if ((await read()) === undefined) tell('out');
  else await stayFresh();
}

/** @throws Refused @throws Unavailable */
export async function logIn(username, password) {
  const body = new URLSearchParams({ username, password });
  const tokens = await send('/token', { method: 'POST', body });
  await inTurn(() => keep(tokens));
  others.postMessage('in');
}

/** Forgets the tokens first, in any case. @throws Unavailable latchkey does not know about it */
export async function logOut() {
  const token = await inTurn(async () => {
    const last = (await read()) ?? access?.token;
    await forget();
    return last;
  });
  if (token === undefined) return;
  const body = new URLSearchParams({ token });
  await send('/revoke', { method: 'POST', body, keepalive: true });
}

/** Ends all sessions of the user, this one too. @throws Refused @throws Unavailable @throws LoggedOut */
export async function logOutEverywhere() {
  await ask('/users/me/sessions?current=true', { method: 'DELETE' });
  await inTurn(() => forget());
}

/** Deletes the user, and forgets them. @throws Refused @throws Unavailable @throws LoggedOut */
export async function deleteAccount(password) {
  await ask('/users/me', json('DELETE', { password }));
  await inTurn(() => forget('Your account is deleted.'));
}

/**
 * Sends a request with an access token. One that is refused before its time gets one more try, with a fresh token.
 * @throws Refused @throws Unavailable @throws LoggedOut
 */
export async function ask(path, options) {
  if (!access || access.expiresAt <= Date.now()) await refresh();
  const asked = login;
  const used = access?.token;
  try {
    return await askAs(asked, path, options);
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 401) throw error;
    // Unless another request has done that meanwhile.
    if (access?.token === used) await refresh();
    return askAs(asked, path, options);
  }
}

/** Neither requests nor responds for a user who logs in later. */
async function askAs(asked, path, options) {
  if (!access || asked !== login) throw new LoggedOut();
  const headers = { ...options?.headers, Authorization: `Bearer ${access.token}` };
  const answer = await send(path, { ...options, headers });
  if (asked !== login) throw new LoggedOut();
  return answer;
}

/** One exchange for all requests of this tab, and one tab after the other. */
function refresh() {
  refreshing ??= inTurn(exchange).finally(() => (refreshing = undefined));
  return refreshing;
}

function inTurn(work) {
  return navigator.locks.request(LOCK, work);
}

async function exchange() {
  // Read only now that it is this tab's turn: another tab may have used up the previous one.
  const token = await read();
  if (token === undefined) {
    end('Please log in again.');
    throw new LoggedOut();
  }
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token });
  try {
    await keep(await send('/token', { method: 'POST', body, patience: EXCHANGE_PATIENCE }));
  } catch (error) {
    // This alone means that the login is over. Silence does not, nor does any other refusal.
    if (error.code !== 'invalid_grant') throw error;
    await forget('Your login has ended. Please log in again.');
    throw new LoggedOut();
  }
}

async function keep({ access_token, expires_in, refresh_token }) {
  const lifetime = expires_in * 1000;
  const expiresAt = Date.now() + lifetime;
  await write(refresh_token);
  access = { token: access_token, expiresAt };
  // latchkey can be configured without refresh tokens: then a login lasts as long as its access token.
  const early = refresh_token === undefined ? 0 : Math.min(30_000, lifetime / 5);
  refreshIn(Math.max(FIRST_PAUSE, lifetime - early));
  pause = FIRST_PAUSE;
  const news = isIn ? 'fresh' : 'in';
  isIn = true;
  tell(news);
}

/** Ends the login in all tabs. */
async function forget(reason) {
  await write(undefined);
  end(reason);
  others.postMessage('out');
}

/** Ends the login in this tab. */
function end(reason) {
  clearTimeout(timer);
  access = undefined;
  isIn = false;
  login += 1;
  tell('out', reason);
}

function refreshIn(milliseconds) {
  clearTimeout(timer);
  timer = setTimeout(() => void stayFresh(), milliseconds);
}

async function stayFresh() {
  try {
    await refresh();
  } catch (error) {
    if (error instanceof LoggedOut) return;
    tell('stuck', error.message);
    refreshIn(pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }
}

others.addEventListener('message', ({ data }) => {
  if (data === 'out') end('Logged out in another tab.');
  else if (!isIn) void stayFresh();
});

// A page from the back/forward cache has missed what other tabs did.
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) window.location.reload();
});
