import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import bcrypt from 'bcrypt';
import { UsersService } from '../../src/users/users.service.js';
import { bcryptWork } from '../support/bcrypt-work.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/create-test-app.js';
import { expectOAuthError } from '../support/expect-errors.js';
import { HeldHashing } from '../support/held-hashing.js';
import { slowHashing } from '../support/slow-hashing.js';
import { sql } from '../support/sql.js';
import { until } from '../support/until.js';

describe('More logins than can be computed', () => {
  let app: TestApp;
  let held: HeldHashing;

  beforeEach(async () => {
    app = await createTestApp({ BCRYPT_COST: '10', LOGIN_LIMIT_PAIR: '1000/300' });
    await app.createUser();
    held = new HeldHashing(app);
  });
  afterEach(async () => {
    held.release();
    await app.close();
  });

  it('are answered 503 with Retry-After after 5 s in line, for every user name', async () => {
    const logins = ['alex', 'nobody'].map((username) => app.login({ username }));
    for (const response of await Promise.all(logins)) {
      expect(response.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
      expect(response.headers.has('www-authenticate')).toBe(false);
      await expectOAuthError(response, 503, 'temporarily_unavailable');
    }
    expect(held.queue.depth).toBe(0);
    held.release();
    expect((await app.login()).status).toBe(200);
  });

  it('get that answer after 2 s once the line has been standing for 5 s', async () => {
    const timed = async () => {
      const begin = performance.now();
      await expectOAuthError(await app.login(), 503, 'temporarily_unavailable');
      return performance.now() - begin;
    };
    const first = timed();
    await held.waitForDepth(1);
    await sleep(3_000);
    // While this one waits, the line is not empty.
    const second = timed();
    expect(await first).toBeGreaterThan(5_000);
    expect(await timed()).toBeLessThan(4_000);
    await second;
  });

  it('are all answered 200 where sixteen come at once to two slow cores', async () => {
    held.release();
    slowHashing(app, 600);
    const logins = Array.from({ length: availableParallelism() * 8 }, () => app.login());
    const statuses = (await Promise.all(logins)).map(({ status }) => status);
    expect(statuses).toEqual(logins.map(() => 200));
  });

  it('are refused without a query when the line is full', async () => {
    const isFull = () => {
      try {
        held.queue.requireRoom();
        return false;
      } catch {
        return true;
      }
    };
    const line: Promise<unknown>[] = [];
    while (!isFull()) line.push(held.queue.run(() => Promise.resolve()).catch(() => undefined));
    const find = jest.spyOn(app.app.get(UsersService), 'findByUsername');
    const refused = await app.login();
    await expectOAuthError(refused, 503, 'temporarily_unavailable');
    expect(find).not.toHaveBeenCalled();
    held.release();
    await Promise.all(line);
    expect((await app.login()).status).toBe(200);
    expect(find).toHaveBeenCalled();
  });

  it('renew no hash while others wait for a core', async () => {
    const cheap = bcrypt.hashSync(PASSWORD, 4);
    await sql(app, 'UPDATE users SET hashed_password = ?', cheap);
    const hash = async () => (await sql(app, 'SELECT hashed_password FROM users'))[0];
    const first = [...held.places];
    const login = app.login();
    await held.waitForDepth(1);
    for (let i = 0; i < first.length * 2; i++) held.hold();
    for (const place of first) place.release();
    expect((await login).status).toBe(200);
    expect(await hash()).toEqual({ hashed_password: cheap });
    held.release();
    await held.waitForDepth(0);
    expect((await app.login()).status).toBe(200);
    expect(await hash()).not.toEqual({ hashed_password: cheap });
  });

  const loginOfLeaver = () => {
    const leaving = new AbortController();
    const body = new URLSearchParams({ username: 'alex', password: 'x' });
    const login = fetch(`${app.url}/token`, { method: 'POST', body, signal: leaving.signal });
    return { leaving, login };
  };

  it('leave the line when their client does, and nobody else', async () => {
    const patient = app.login();
    await held.waitForDepth(1);
    const { leaving, login } = loginOfLeaver();
    await held.waitForDepth(2);
    leaving.abort();
    await expect(login).rejects.toThrow(/abort/);
    await held.waitForDepth(1);
    held.release();
    // Had the other one left, this would be a 503.
    expect((await patient).status).toBe(200);
  });

  it('do not even join it when their client left while the user was looked up', async () => {
    held.release();
    const users = app.app.get(UsersService);
    const findByUsername = users.findByUsername.bind(users);
    let lookUp!: () => void;
    const released = new Promise<void>((resolve) => (lookUp = resolve));
    const slowly = jest.spyOn(users, 'findByUsername').mockImplementationOnce(async (username) => {
      await released;
      return findByUsername(username);
    });
    const work = await bcryptWork(async () => {
      const request = once(app.app.getHttpServer(), 'request');
      const { leaving, login } = loginOfLeaver();
      const [, response] = (await request) as [unknown, ServerResponse];
      await until(() => slowly.mock.calls.length === 1);
      leaving.abort();
      await expect(login).rejects.toThrow(/abort/);
      if (!response.closed) await once(response, 'close');
      lookUp();
      expect((await app.login()).status).toBe(200);
    });
    expect(work).toBe(2 ** 10);
  });

  it('do not delay requests that need no hashing', async () => {
    const login = app.login();
    await held.waitForDepth(1);
    expect((await fetch(`${app.url}/health/ready`)).status).toBe(200);
    expect((await app.readProfile('x')).status).toBe(401);
    held.release();
    expect((await login).status).toBe(200);
  });
});
