import { load } from './account.js';
import { onSubmit } from './forms.js';
import { json, send } from './latchkey.js';
import { home, lookIntoMail, say, show } from './page.js';
import { isLoggedIn, logOut } from './session.js';

// The targets of links in mails. Opening one changes nothing: virus scanners open links too. It takes
// a click, and a token that is only in the memory of this page.

/** For each action: the view that uses a link, and the one that requests a link. */
const VIEWS = {
  'reset-password': { use: 'new-password', ask: 'ask-password' },
  'verify-email': { use: 'confirm-email', ask: 'ask-verification' },
};

let token;

export const isLinkAction = (action) => Object.hasOwn(VIEWS, action);

/** @param {string | null} given null to ask for a link */
export function openLink(action, given) {
  token = given;
  const { use, ask } = VIEWS[action];
  say(`${ask}-reason`);
  show(given === null ? ask : use);
}

onSubmit('ask-password-form', async ({ email }) => {
  lookIntoMail(await send('/password-reset', json('POST', { email: email.value })));
});

onSubmit('ask-verification-form', async ({ email }) => {
  lookIntoMail(await send('/email-verification', json('POST', { email: email.value })));
});

onSubmit('new-password-form', async ({ new_password }) => {
  const fields = { new_password: new_password.value };
  if (!(await use('reset-password', '/password-reset/confirm', fields))) return;
  // All logins of the user have ended. Another user's login in this browser would hide the login form.
  if (isLoggedIn()) await logOut().catch(() => undefined);
  home('Your password is changed. Log in with it.');
});

onSubmit('confirm-email-form', async () => {
  if (!(await use('verify-email', '/email-verification/confirm', {}))) return;
  if (isLoggedIn()) void load();
  home(`The address is confirmed.${isLoggedIn() ? '' : ' You can log in now.'}`);
});

/** @returns whether the token was valid; if not, another link is offered */
async function use(action, path, fields) {
  try {
    await send(path, json('POST', { token, ...fields }));
    token = undefined;
    return true;
  } catch (error) {
    if (error.code !== 'invalid_one_time_token') throw error;
    openLink(action, null);
    say(`${VIEWS[action].ask}-reason`, `${error.message}.`);
    return false;
  }
}
