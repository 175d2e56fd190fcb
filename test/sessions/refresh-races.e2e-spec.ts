import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import { PASSWORD } from '../support/create-test-app.js';
import { Deployment } from '../support/deployment.js';
import { logIn, readProfile } from '../support/requests.js';
import {
  openSession,
  refresh,
  refreshed,
  requestSessions,
  sidOf,
  type TokenAnswer,
  tokensIn,
} from '../support/sessions.js';
import { until } from '../support/until.js';

const HASH = bcrypt.hashSync(PASSWORD, 10);

describe.each([1, 2])('With %d processes on one database', (count) => {
  let service: Deployment;
  let users = 0;

  beforeAll(async () => {
    service = await Deployment.start(count);
  });
  afterAll(() => service.close());

  /** A new user, with a session. */
  async function newSession(): Promise<TokenAnswer & { username: string }> {
    const username = `user${++users}`;
    const values = `'${username}', '${HASH}', false`;
    await service.query(
      `INSERT INTO users (username, hashed_password, disabled) VALUES (${values})`,
    );
    return { username, ...(await openSession(service.urlOf(users), { username })) };
  }

  const rowOf = async (tokens: TokenAnswer) => {
    const [row] = await service.query(`SELECT * FROM sessions WHERE id = '${sidOf(tokens)}'`);
    return row!;
  };
  /** At once, each on its own connection. */
  const many = <T>(count: number, send: (url: string) => Promise<T>) =>
    Promise.all(Array.from({ length: count }, (_, n) => send(service.urlOf(n))));

  const closing = { Connection: 'close' };

  it('twenty refreshes of one token at once end in one state, one successor, no logout', async () => {
    let tokens: TokenAnswer = await newSession();
    for (const counter of [1, 2]) {
      const { refresh_token } = tokens;
      const answers = await many(20, (url) => refresh(url, refresh_token, {}, closing));
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
      const granted = await Promise.all(answers.map(tokensIn));
      expect(new Set(granted.map((one) => one.refresh_token)).size).toBe(1);
      const row = await rowOf(tokens);
      expect({ ...row, revoked_at: null }).toMatchObject({
        refresh_counter: counter,
        revoked_at: row.revoked_at,
        revoked_reason: null,
      });
      const profiles = await Promise.all(
        granted.map(({ access_token }, n) => readProfile(service.urlOf(n), access_token)),
      );
      expect(profiles.map(({ status }) => status)).toEqual(Array(20).fill(200));
      tokens = granted[0]!;
    }
  });

  it('a token whose answer was lost gets the same successor again', async () => {
    const tokens = await newSession();
    const { refresh_token } = tokens;
    const body = `grant_type=refresh_token&refresh_token=${refresh_token}`;
    const head = [
      'POST /token HTTP/1.1',
      'Host: latchkey.test',
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${body.length}`,
    ];
    const { hostname, port } = new URL(service.urlOf(0));
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    // The client goes as soon as its request has left, and reads nothing.
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
    await until(async () => (await rowOf(tokens)).refresh_counter === 1);
    const again = await tokensIn(await refresh(service.urlOf(1), refresh_token));
    expect((await rowOf(tokens)).refresh_counter).toBe(1);
    const next = await refreshed(service.urlOf(0), again);
    expect((await rowOf(next)).refresh_counter).toBe(2);
  });

  it('two tabs that hold the same token both stay logged in', async () => {
    const tokens = await newSession();
    const tabs = [
      await refreshed(service.urlOf(0), tokens),
      await refreshed(service.urlOf(1), tokens),
    ];
    expect(tabs[0]!.refresh_token).toBe(tabs[1]!.refresh_token);
    const [left, right] = await many(2, (url) => refreshed(url, tabs[0]!));
    expect(left!.refresh_token).toBe(right!.refresh_token);
    expect((await rowOf(tokens)).refresh_counter).toBe(2);
  });

  it('a token two generations old ends the session, at once and everywhere', async () => {
    const first = await newSession();
    const second = await refreshed(service.urlOf(0), first);
    const third = await refreshed(service.urlOf(1), second);
    const answers = await many(4, (url) => refresh(url, first.refresh_token));
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
    for (const { access_token } of [first, second, third]) {
      for (const url of service.urls)
        expect((await readProfile(url, access_token)).status).toBe(401);
    }
    for (const { refresh_token } of [first, second, third]) {
      expect((await refresh(service.urlOf(0), refresh_token)).status).toBe(400);
    }
    expect(await rowOf(first)).toMatchObject({
      refresh_counter: 2,
      revoked_reason: 'refresh_reuse',
    });
  });

  it('a token of a future generation ends the session', async () => {
    const first = await newSession();
    const second = await refreshed(service.urlOf(0), first);
    // As after a database was restored from a copy.
    await service.query(`UPDATE sessions SET refresh_counter = 0 WHERE id = '${sidOf(first)}'`);
    expect((await refresh(service.urlOf(0), second.refresh_token)).status).toBe(400);
    expect((await rowOf(first)).revoked_reason).toBe('refresh_reuse');
    expect((await readProfile(service.urlOf(1), second.access_token)).status).toBe(401);
  });

  type End = (tokens: TokenAnswer & { username: string }) => Promise<unknown>;
  const logOut: End = async (tokens) => {
    const response = await requestSessions(service.urlOf(1), tokens, 'DELETE', '?current=true');
    expect(response.status).toBe(204);
  };
  const disable: End = async ({ username }) => {
    expect((await service.cli(['user', 'disable', username])).status).toBe(0);
  };
  const setPassword: End = async ({ username }) => {
    const args = ['user', 'set-password', username, '--password-stdin'];
    expect((await service.cli(args, 'another horse')).status).toBe(0);
  };
  const remove: End = async ({ username }) => {
    expect((await service.cli(['user', 'delete', username])).status).toBe(0);
  };

  const ends: [string, End, string][] = [
    ['a logout', logOut, 'logout'],
    ['a disable', disable, 'user_disabled'],
    ['a password change', setPassword, 'password_changed'],
    ['a delete', remove, 'user_deleted'],
  ];

  it.each(count === 1 ? ends.slice(0, 1) : ends)(
    'refreshes that race with %s leave no live session',
    async (_, end, reason) => {
      const tokens = await newSession();
      const granted: TokenAnswer[] = [tokens];
      /** Every instance refreshes the same token, then each the successor, until one refuses. */
      const refreshOn = async (): Promise<number[]> => {
        for (;;) {
          const { refresh_token } = granted.at(-1)!;
          const answers = await many(2, (url) => refresh(url, refresh_token, {}, closing));
          for (const answer of answers) if (answer.ok) granted.push(await tokensIn(answer));
          if (answers.some(({ ok }) => !ok)) return answers.map(({ status }) => status);
        }
      };
      const refreshing = refreshOn();
      await until(() => granted.length > 8);
      await end(tokens);
      for (const status of await refreshing) expect([200, 400]).toContain(status);
      for (const { access_token, refresh_token } of granted.slice(-6)) {
        for (const url of service.urls) {
          expect([401, 404]).toContain((await readProfile(url, access_token)).status);
          expect((await refresh(url, refresh_token)).status).toBe(400);
        }
      }
      expect((await rowOf(tokens)).revoked_reason).toBe(reason);
    },
  );

  it('logins that race with a password change leave no live session', async () => {
    const { username } = await newSession();
    const logins = many(6, (url) => logIn(url, { username }));
    await setPassword({ username } as TokenAnswer & { username: string });
    for (const response of await logins) {
      expect([200, 401]).toContain(response.status);
      if (!response.ok) continue;
      const { access_token } = await tokensIn(response);
      expect((await readProfile(service.urlOf(0), access_token)).status).toBe(401);
    }
  });
});
