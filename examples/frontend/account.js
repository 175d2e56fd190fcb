import { deviceOf } from './devices.js';
import { Refused, Unavailable } from './latchkey.js';
import { act, element, say } from './page.js';
import { ask, LoggedOut, logOut, logOutEverywhere } from './session.js';

/** How long to wait before the account is requested again, in milliseconds. */
const PAUSE = 3_000;

const tell = (error) => say('account-error', error.message);

let retry;

/** Shows the profile and the devices as they are now, as soon as latchkey answers. */
export async function load() {
  clearTimeout(retry);
  try {
    const [profile, sessions] = await Promise.all([ask('/users/me'), ask('/users/me/sessions')]);
    showProfile(profile['user data']);
    element('devices').replaceChildren(...sessions.map((session) => deviceOf(session, end)));
    say('stuck');
  } catch (error) {
    if (error instanceof LoggedOut) return;
    if (error instanceof Refused) {
      tell(error);
      return;
    }
    if (!(error instanceof Unavailable)) throw error;
    say('stuck', `${error.message} Trying again …`);
    retry = setTimeout(() => void load(), PAUSE);
  }
}

export function clearAccount() {
  clearTimeout(retry);
  showProfile({ username: '', full_name: '', email: '' });
  say('account-heading', 'Welcome');
  for (const line of ['account-reason', 'account-error', 'settings-news', 'stuck']) say(line);
  for (const details of document.querySelectorAll('details')) details.open = false;
  element('devices').replaceChildren();
}

function showProfile({ username, full_name, email }) {
  say('account-heading', `Welcome, ${full_name ?? username}`);
  say('profile-username', username);
  say('profile-full-name', full_name ?? '–');
  say('profile-email', email ?? '–');
  element('name-full-name').defaultValue = full_name ?? '';
  element('password-username').defaultValue = username;
}

/** Ends the login on a device. */
function end(id, button) {
  void act(button, tell, async () => {
    say('account-error');
    await ask(`/users/me/sessions/${encodeURIComponent(id)}`, { method: 'DELETE' });
    await load();
    // The button that had the focus is gone.
    element('devices-heading').focus();
  });
}

element('log-out').addEventListener('click', ({ currentTarget }) => {
  void act(currentTarget, tell, async () => {
    try {
      await logOut();
    } catch (error) {
      const more = 'The service could not be notified: end this login from another device.';
      say('login-reason', `Logged out here. ${error.message} ${more}`);
    }
  });
});

element('log-out-everywhere').addEventListener('click', ({ currentTarget }) => {
  void act(currentTarget, tell, logOutEverywhere);
});
