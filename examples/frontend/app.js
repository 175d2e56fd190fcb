import { Refused, Unavailable } from './latchkey.js';
import { ask, LoggedOut, logIn, logOut, logOutEverywhere, on, resume } from './session.js';

// What the user sees. Whatever comes from latchkey goes in as text, never as HTML.

/** How long to wait before the account is asked for again, in milliseconds. */
const PAUSE = 3_000;

const element = (id) => document.getElementById(id);
const say = (id, text = '') => (element(id).textContent = text);

let retry;

on('in', () => {
  show('account');
  element('account-heading').focus();
  void load();
});
on('out', (reason) => {
  clearTimeout(retry);
  clearAccount();
  say('stuck');
  say('login-reason', reason);
  show('login');
  element('username').focus();
});
on('stuck', (reason) => say('stuck', `${reason} Trying again …`));
on('fresh', () => {
  if (element('stuck').textContent !== '') void load();
});

element('login-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  const { username, password } = form.elements;
  void act(event.submitter, 'login-error', async () => {
    await logIn(username.value, password.value);
    say('login-reason');
    form.reset();
  });
});
element('log-out').addEventListener('click', ({ currentTarget }) => {
  void act(currentTarget, 'account-error', async () => {
    try {
      await logOut();
    } catch (error) {
      const more = 'The service could not be told: end this login from another device.';
      say('login-reason', `Logged out here. ${error.message} ${more}`);
    }
  });
});
element('log-out-everywhere').addEventListener('click', ({ currentTarget }) => {
  void act(currentTarget, 'account-error', logOutEverywhere);
});

resume().catch((error) => say('stuck', error.message));

function show(id) {
  for (const view of ['login', 'account']) element(view).hidden = view !== id;
}

/** Does what a button is for; what goes wrong is said in the element `errors`. */
async function act(button, errors, work) {
  say(errors);
  button.disabled = true;
  try {
    await work();
  } catch (error) {
    if (!(error instanceof LoggedOut)) say(errors, error.message);
  } finally {
    button.disabled = false;
  }
}

async function load() {
  clearTimeout(retry);
  try {
    const [profile, sessions] = await Promise.all([ask('/users/me'), ask('/users/me/sessions')]);
    showProfile(profile['user data']);
    element('devices').replaceChildren(...sessions.map(deviceOf));
    say('stuck');
  } catch (error) {
    if (error instanceof LoggedOut) return;
    if (error instanceof Refused) {
      say('account-error', error.message);
      return;
    }
    if (!(error instanceof Unavailable)) throw error;
    say('stuck', `${error.message} Trying again …`);
    retry = setTimeout(() => void load(), PAUSE);
  }
}

function showProfile({ username, full_name, email }) {
  say('account-heading', `Welcome, ${full_name ?? username}`);
  say('profile-username', username);
  say('profile-full-name', full_name ?? '–');
  say('profile-email', email ?? '–');
}

function clearAccount() {
  say('account-heading', 'Welcome');
  for (const fact of ['username', 'full-name', 'email']) say(`profile-${fact}`);
  say('account-error');
  element('devices').replaceChildren();
}

/** One line of the list of devices. */
function deviceOf({ id, created_at, last_used_at, user_agent, ip, current }) {
  const item = element('device').content.firstElementChild.cloneNode(true);
  const name = nameOf(user_agent);
  item.querySelector('strong').textContent = name;
  item.querySelector('strong').title = user_agent ?? '';
  const [where, since, lately] = item.querySelectorAll('.device-facts span');
  where.textContent = ip ?? '';
  since.textContent = `Logged in ${timeOf(created_at)}`;
  lately.textContent = `Last seen ${timeOf(last_used_at)}`;
  const button = item.querySelector('button');
  // This device has a button of its own above.
  item.querySelector(current ? 'button' : '.tag').remove();
  button.setAttribute('aria-label', `Log out ${name}, logged in ${timeOf(created_at)}`);
  button.addEventListener('click', () => {
    void act(button, 'account-error', async () => {
      await ask(`/users/me/sessions/${encodeURIComponent(id)}`, { method: 'DELETE' });
      await load();
      // The button that had the focus is gone.
      element('devices-heading').focus();
    });
  });
  return item;
}

function timeOf(text) {
  return new Date(text).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
}

/** A guess, for the eye: what calls itself a browser may be anything. The first that fits counts. */
function nameOf(userAgent) {
  const find = (names) => names.find((name) => userAgent?.includes(name));
  const browser = find(['Edg', 'Firefox', 'Chrome', 'Safari']);
  const system = find(['Android', 'iPhone', 'iPad', 'Windows', 'Mac OS', 'Linux']);
  if (!browser) return userAgent?.slice(0, 60) ?? 'Unknown device';
  return `${browser === 'Edg' ? 'Edge' : browser}${system ? ` on ${system}` : ''}`;
}
