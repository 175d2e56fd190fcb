import { readToken } from './forge-token.js';
import { logIn } from './requests.js';

/** The token endpoint's response for a user (RFC 6749 §5.1). */
export interface TokenAnswer {
  access_token: string;
  token_type: string;
  expires_in: number;
  refresh_token: string;
  scope: string;
}

/** What a user is shown of a session. */
export interface SessionAnswer {
  id: string;
  created_at: string;
  last_used_at: string;
  user_agent: string | null;
  ip: string | null;
  current: boolean;
}

type Fields = Record<string, string>;

/** Sends a refresh token to the token endpoint (RFC 6749 §6). */
export function refresh(
  url: string,
  token: string,
  form: Fields = {},
  headers: Fields = {},
): Promise<Response> {
  const grant = { grant_type: 'refresh_token', refresh_token: token };
  const body = new URLSearchParams({ ...grant, ...form });
  return fetch(`${url}/token`, { method: 'POST', body, headers });
}

/** @throws Error unless the tokens were granted */
export async function tokensIn(response: Response): Promise<TokenAnswer> {
  if (!response.ok) throw new Error(`Refused: ${await response.text()}`);
  return (await response.json()) as TokenAnswer;
}

/** Logs in. @throws Error unless the login is granted */
export async function openSession(
  url: string,
  form: Fields = {},
  headers: Fields = {},
): Promise<TokenAnswer> {
  return tokensIn(await logIn(url, form, headers));
}

/** Refreshes. @throws Error unless that is granted */
export async function refreshed(
  url: string,
  { refresh_token }: Pick<TokenAnswer, 'refresh_token'>,
): Promise<TokenAnswer> {
  return tokensIn(await refresh(url, refresh_token));
}

/** The id of the session that the tokens belong to. */
export function sidOf({ access_token }: Pick<TokenAnswer, 'access_token'>): string {
  return String(readToken(access_token).payload.sid);
}

/** Sends a request with an access token, to the list of sessions or to a path below. */
export function requestSessions(
  url: string,
  { access_token }: Pick<TokenAnswer, 'access_token'>,
  method = 'GET',
  path = '',
): Promise<Response> {
  const headers = { Authorization: `Bearer ${access_token}` };
  return fetch(`${url}/users/me/sessions${path}`, { method, headers });
}

/** @returns the user's live sessions, newest first */
export async function listSessions(url: string, tokens: TokenAnswer): Promise<SessionAnswer[]> {
  const response = await requestSessions(url, tokens);
  if (!response.ok) throw new Error(`Refused: ${await response.text()}`);
  return (await response.json()) as SessionAnswer[];
}
