import { load } from './account.js';
import { onSubmit, textOf } from './forms.js';
import { json } from './latchkey.js';
import { element, say } from './page.js';
import { ask, deleteAccount } from './session.js';

// What users change about their account, each in its own collapsible part of the page.

/** How long the browser may take to save a file, in milliseconds. */
const SAVING = 60_000;

onSetting('name-form', async ({ full_name }) => {
  await ask('/users/me', json('PATCH', { full_name: textOf(full_name) ?? null }));
  await load();
  return 'The name is changed.';
});

onSetting('email-form', async ({ email, password }) => {
  const fields = { email: email.value, password: password.value };
  const { detail } = await ask('/users/me/email', json('POST', fields));
  return `${detail}. The address changes once you open the link in it.`;
});

onSetting('password-form', async ({ current_password, new_password }) => {
  const fields = { current_password: current_password.value, new_password: new_password.value };
  await ask('/users/me/password', json('POST', fields));
  await load();
  return 'The password is changed. Other devices are logged out.';
});

onSetting('export-form', async () => {
  const data = await ask('/users/me/export');
  save('account.json', JSON.stringify(data, null, 2));
  return 'Your data is in account.json.';
});

onSubmit('delete-form', ({ password }) => deleteAccount(password.value));

/** @param work returns what to say when it is done */
function onSetting(id, work) {
  const details = element(id).closest('details');
  onSubmit(id, async (fields) => {
    say('settings-news');
    const news = await work(fields);
    details.open = false;
    details.querySelector('summary').focus();
    say('settings-news', news);
  });
}

function save(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  Object.assign(document.createElement('a'), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), SAVING);
}

for (const details of document.querySelectorAll('details')) {
  details.addEventListener('toggle', () => {
    // Nothing that was typed is left behind.
    if (!details.open) details.querySelector('form').reset();
  });
}
