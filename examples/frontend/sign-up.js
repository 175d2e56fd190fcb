import { onSubmit, textOf } from './forms.js';
import { json, Refused, send } from './latchkey.js';
import { element, home, lookIntoMail, say, show } from './page.js';
import { logIn } from './session.js';

export function openSignUp() {
  say('sign-up-reason');
  element('sign-up-form').hidden = false;
  element('sign-up-invited').hidden = true;
  show('sign-up');
}

onSubmit('sign-up-form', async ({ username, password, email, full_name, invitation }) => {
  const fields = {
    username: username.value.trim(),
    password: password.value,
    email: textOf(email),
    full_name: textOf(full_name),
    invitation: textOf(invitation),
  };
  try {
    const answer = await send('/users', json('POST', fields));
    if (answer.username === undefined) lookIntoMail(answer);
    else await begin(fields);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.code === 'registration_closed') close(error);
    else if (error.code === 'invitation_required' && !fields.invitation) askForInvitation(error);
    else throw error;
  }
});

/** The account exists: even if the login fails, nobody has to sign up again. */
async function begin({ username, password }) {
  try {
    await logIn(username, password);
  } catch {
    home('You have an account now. Log in with it.');
  }
}

function close({ message }) {
  say('sign-up-reason', `${message}.`);
  element('sign-up-form').hidden = true;
  element('sign-up-heading').focus();
}

function askForInvitation({ message }) {
  element('sign-up-invited').hidden = false;
  say('sign-up-reason', `${message}.`);
  element('sign-up-invitation').focus();
}
