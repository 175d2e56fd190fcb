import { UserScopesService } from '../../src/users/user-scopes.service.js';
import { type NewUser, UsersService } from '../../src/users/users.service.js';
import type { TestApp } from './create-test-app.js';
import { openSession } from './sessions.js';

export const ADMINISTRATOR = ['users:read', 'users:write'];

/** A user as an administrator sees them. */
export interface UserAnswer {
  id: number;
  username: string | null;
  email: string | null;
  email_verified: boolean;
  full_name: string | null;
  disabled: boolean;
  pending: boolean;
  scopes: string[];
  created_at: string | null;
}

/** Makes a user with scopes. @returns the id */
export async function makeUser(
  app: TestApp,
  username: string,
  scopes: string[] = [],
  more: Partial<NewUser> = {},
): Promise<number> {
  await app.createUser({ username, ...more });
  await app.app.get(UserScopesService).grant(username, scopes);
  return (await app.app.get(UsersService).get(username)).id;
}

/** Sends requests below `/admin` with an access token. */
export class AdminClient {
  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  /** @param form for the login, `scope` for instance */
  static async logIn(
    { url }: { url: string },
    username: string,
    form: Record<string, string> = {},
  ): Promise<AdminClient> {
    const { access_token } = await openSession(url, { username, ...form });
    return new AdminClient(url, access_token);
  }

  send(method: string, path: string, body?: unknown): Promise<Response> {
    const headers = {
      Authorization: `Bearer ${this.token}`,
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    };
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return fetch(`${this.url}/admin${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: text }),
    });
  }

  /** @throws Error unless it is answered with a success */
  async get<T>(path: string): Promise<T> {
    const response = await this.send('GET', path);
    if (!response.ok) throw new Error(`Refused: ${await response.text()}`);
    return (await response.json()) as T;
  }
}
