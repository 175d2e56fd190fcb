import { createHash } from 'node:crypto';
import { PASSWORD } from './create-test-app.js';
import { openSession } from './sessions.js';

type Headers = Record<string, string>;

interface Service {
  url: string;
}

/** The machine-readable part of a refusal. */
interface Refusal {
  status: number;
  code: string;
  /** Each field that is wrong, and why. */
  errors: Record<string, string>;
}

/** Sends JSON to a service. @param body a string is sent as it is */
export function sendJson(
  { url }: Service,
  method: string,
  path: string,
  body: unknown,
  headers: Headers = {},
): Promise<Response> {
  return fetch(url + path, {
    method,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', ...headers },
    redirect: 'manual',
  });
}

export function postJson(
  service: Service,
  path: string,
  body: unknown,
  headers: Headers = {},
): Promise<Response> {
  return sendJson(service, 'POST', path, body, headers);
}

/** Signs up with a good password, or with what a test gives. */
export function signUp(service: Service, body: Record<string, unknown>): Promise<Response> {
  return postJson(service, '/users', { password: PASSWORD, ...body });
}

export async function refusalOf(response: Response): Promise<Refusal> {
  const { code = '', errors = [] } = (await response.json()) as {
    code?: string;
    errors?: { field: string; message: string }[];
  };
  const fields = errors.map(({ field, message }) => [field, message]);
  return { status: response.status, code, errors: Object.fromEntries(fields) as Headers };
}

/** A user with a session: sends requests with its access token. */
export class OwnAccount {
  constructor(
    private readonly service: Service,
    readonly token: string,
  ) {}

  static async logIn(service: Service, username: string, password = PASSWORD): Promise<OwnAccount> {
    const { access_token } = await openSession(service.url, { username, password });
    return new OwnAccount(service, access_token);
  }

  /** @param path below `/users/me` */
  send(method: string, path = '', body?: unknown): Promise<Response> {
    const headers = { Authorization: `Bearer ${this.token}` };
    if (body !== undefined) {
      return sendJson(this.service, method, `/users/me${path}`, body, headers);
    }
    return fetch(`${this.service.url}/users/me${path}`, { method, headers });
  }

  async isLoggedIn(): Promise<boolean> {
    return (await this.send('GET')).status === 200;
  }
}

/** How many of the answers have each status. */
export function tally(answers: readonly Response[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** A response without what differs each time: the request id and the date. */
export async function lastingPartOf(response: Response): Promise<string> {
  const id = response.headers.get('x-request-id') ?? '';
  const headers = [...response.headers].filter(([name]) => name !== 'date');
  const text = JSON.stringify([response.status, headers, await response.text()]);
  return text.replaceAll(id, 'the request id');
}

/** How a one-time token is stored. */
export function storedForm(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
