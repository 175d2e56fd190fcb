import { act, element } from './page.js';

// Each field has the name of latchkey's member, so that a refusal can be shown next to it.

/**
 * @param {(fields: HTMLFormControlsCollection) => Promise<void>} work what the form does; what it throws is shown
 */
export function onSubmit(id, work) {
  const form = element(id);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void act(
      form.querySelector('button'),
      (error) => tell(form, error),
      async () => {
        clear(form);
        await work(form.elements);
      },
    );
  });
  form.addEventListener('reset', () => clear(form));
}

/** The text of a field; undefined if it is left empty. */
export const textOf = ({ value }) => value.trim() || undefined;

function tell(form, error) {
  let isBeside = false;
  for (const { field, message } of error.errors ?? []) {
    const input = form.elements.namedItem(field);
    if (!input || input.closest('[hidden]')) continue;
    sayBeside(input, `${input.labels[0].textContent} ${message}.`);
    isBeside = true;
  }
  if (isBeside) form.querySelector('[aria-invalid]').focus();
  else form.querySelector('[role=alert]').textContent = error.message;
}

function sayBeside(input, text) {
  const line = element(`${input.id}-error`) ?? document.createElement('p');
  line.id = `${input.id}-error`;
  line.className = 'error';
  line.append(line.hasChildNodes() ? ' ' : '', text);
  input.after(line);
  input.setAttribute('aria-invalid', 'true');
  describe(input);
}

function clear(form) {
  form.querySelector('[role=alert]').textContent = '';
  for (const input of form.querySelectorAll('[aria-invalid]')) {
    element(`${input.id}-error`).remove();
    input.removeAttribute('aria-invalid');
    describe(input);
  }
}

/** Associates a message with its field. */
function describe(input) {
  const ids = [`${input.id}-error`, `${input.id}-hint`].filter(element);
  if (ids.length > 0) input.setAttribute('aria-describedby', ids.join(' '));
  else input.removeAttribute('aria-describedby');
}

for (const box of document.querySelectorAll('[data-shows]')) {
  const input = element(box.dataset.shows);
  box.addEventListener('change', () => (input.type = box.checked ? 'text' : 'password'));
  box.form.addEventListener('reset', () => (input.type = 'password'));
}
