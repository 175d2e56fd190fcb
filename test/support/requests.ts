import { PASSWORD } from './create-test-app.js';

/** Sends the login form to a service in a separate process. */
export function logIn(
  url: string,
  form: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<Response> {
  const body = new URLSearchParams({ username: 'alex', password: PASSWORD, ...form });
  return fetch(`${url}/token`, { method: 'POST', body, headers });
}

/** @throws Error unless the login is granted */
export async function accessTokenFrom(url: string, form: Record<string, string> = {}) {
  const response = await logIn(url, form);
  if (!response.ok) throw new Error(`Login refused: ${await response.text()}`);
  return ((await response.json()) as { access_token: string }).access_token;
}

export function readProfile(url: string, token: string): Promise<Response> {
  return fetch(`${url}/users/me`, { headers: { Authorization: `Bearer ${token}` } });
}
