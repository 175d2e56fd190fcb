import { clearAccount, load } from './account.js';
import { onSubmit } from './forms.js';
import { isLinkAction, openLink } from './mail-links.js';
import { element, home, say } from './page.js';
import { isLoggedIn, logIn, on, resume } from './session.js';
import { openSignUp } from './sign-up.js';
import './settings.js';

// Which view is shown. The fragment of the address says what to do: `#action=…`, and in the links of mails
// `&token=…`. A browser never sends it.

const actionNow = () => new URLSearchParams(location.hash.slice(1)).get('action');

on('in', () => {
  void load();
  // A user who follows a link in a mail continues with that.
  if (!isLinkAction(actionNow())) home();
});
on('out', (reason) => {
  clearAccount();
  if (actionNow() === null && element('login').hidden) home(reason);
  else say('login-reason', reason);
});
on('stuck', (reason) => say('stuck', `${reason} Trying again …`));
on('fresh', () => {
  if (element('stuck').textContent !== '') void load();
});

onSubmit('login-form', ({ username, password }) => logIn(username.value, password.value));

window.addEventListener('hashchange', follow);
if (location.hash !== '') follow();

resume().catch((error) => say('stuck', error.message));

function follow() {
  const fields = new URLSearchParams(location.hash.slice(1));
  const token = fields.get('token');
  fields.delete('token');
  // So that it is not left in the address or in the history.
  if (token !== null) history.replaceState(null, '', `#${fields}`);
  const action = fields.get('action');
  if (isLinkAction(action)) openLink(action, token);
  else if (action === 'sign-up' && !isLoggedIn()) openSignUp();
  else home();
}
