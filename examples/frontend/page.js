import { isLoggedIn, LoggedOut } from './session.js';

// What all views share. Everything from latchkey is inserted as text, never as HTML.

const NAME = document.title;
const views = [...document.querySelectorAll('[data-view]')];

export const element = (id) => document.getElementById(id);
export const say = (id, text = '') => (element(id).textContent = text);

/** Shows one view and clears what was typed in others, and moves the focus there. */
export function show(id) {
  for (const view of views) view.hidden = view.id !== id;
  for (const form of document.forms) form.reset();
  document.title = `${element(`${id}-heading`).textContent} – ${NAME}`;
  const first = element(id).querySelector('[data-focus]');
  first.focus();
}

/** Shows the account, or the login where nobody is logged in. */
export function home(sentence) {
  forgetAction();
  const view = isLoggedIn() ? 'account' : 'login';
  say(`${view}-reason`, sentence);
  show(view);
}

/** Says that a mail is on its way. */
export function lookIntoMail({ detail }) {
  forgetAction();
  say('sent-text', `${detail}.`);
  show('sent');
}

/** Runs a button's action, once at a time; `tell` gets what goes wrong. */
export async function act(button, tell, work) {
  // A truly disabled button would lose the focus.
  if (button.ariaDisabled === 'true') return;
  button.ariaDisabled = 'true';
  try {
    await work();
  } catch (error) {
    if (!(error instanceof LoggedOut)) tell(error);
  } finally {
    button.ariaDisabled = null;
  }
}

/** A reload must not repeat what is done. */
function forgetAction() {
  history.replaceState(null, '', location.pathname + location.search);
}
