import { PASSWORD } from './create-test-app.js';

type Form = Record<string, string> | string;

/** What a login answers, with a refresh token. */
export interface LoginTokens {
  access_token: string;
  refresh_token: string;
}

export const URLENCODED = 'application/x-www-form-urlencoded';

/** Sends a form to an endpoint of a service, field by field or as it stands. */
export function postForm(
  { url }: { url: string },
  path: string,
  form: Form,
  headers: Record<string, string> = {},
): Promise<Response> {
  const body = new URLSearchParams(form).toString();
  return fetch(url + path, {
    method: 'POST',
    body: typeof form === 'string' ? form : body,
    headers: { 'Content-Type': URLENCODED, ...headers },
  });
}

/** HTTP Basic as RFC 6749 §2.3.1 has it, for what needs no percent-encoding. */
export function basic(id: string, secret: string): Record<string, string> {
  return { Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` };
}

/** @throws Error unless tokens are granted */
export async function tokensFrom(
  service: { url: string },
  form: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<LoginTokens> {
  const login: Record<string, string> = form.grant_type
    ? {}
    : { username: 'alex', password: PASSWORD };
  const response = await postForm(service, '/token', { ...login, ...form }, headers);
  if (!response.ok) throw new Error(`Refused: ${await response.text()}`);
  return (await response.json()) as LoginTokens;
}

/** Exchanges a refresh token. @throws Error unless it is granted */
export function refresh(service: { url: string }, refresh_token: string): Promise<LoginTokens> {
  return tokensFrom(service, { grant_type: 'refresh_token', refresh_token });
}
