import { element } from './page.js';

/**
 * One line of the list of devices.
 * @param {(id: string, button: HTMLButtonElement) => void} end ends the login there
 */
export function deviceOf({ id, created_at, last_used_at, user_agent, ip, current }, end) {
  const item = element('device').content.firstElementChild.cloneNode(true);
  const name = nameOf(user_agent);
  item.querySelector('strong').textContent = name;
  item.querySelector('strong').title = user_agent ?? '';
  const [where, since, lately] = item.querySelectorAll('.device-facts span');
  where.textContent = ip ?? '';
  since.textContent = `Logged in ${timeOf(created_at)}`;
  lately.textContent = `Last seen ${timeOf(last_used_at)}`;
  const button = item.querySelector('button');
  // This device has its own button above.
  item.querySelector(current ? 'button' : '.tag').remove();
  button.setAttribute('aria-label', `Log out ${name}, logged in ${timeOf(created_at)}`);
  button.addEventListener('click', () => end(id, button));
  return item;
}

function timeOf(text) {
  return new Date(text).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
}

/** A guess, for display only: a User-Agent can claim anything. The first match counts. */
function nameOf(userAgent) {
  const find = (names) => names.find((name) => userAgent?.includes(name));
  const browser = find(['Edg', 'Firefox', 'Chrome', 'Safari']);
  const system = find(['Android', 'iPhone', 'iPad', 'Windows', 'Mac OS', 'Linux']);
  if (!browser) return userAgent?.slice(0, 60) ?? 'Unknown device';
  return `${browser === 'Edg' ? 'Edge' : browser}${system ? ` on ${system}` : ''}`;
}
