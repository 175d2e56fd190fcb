import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AttemptCounters } from '../../src/login/attempt-counters.service.js';
import { BEHIND_A_PROXY, countersOf, from, guess, many } from '../support/attempts.js';
import { bcryptWork } from '../support/bcrypt-work.js';
import { createTestApp, PASSWORD, type TestApp, TEST_COST } from '../support/create-test-app.js';
import { expectOAuthError } from '../support/expect-errors.js';
import { HeldHashing } from '../support/held-hashing.js';
import { sql, withoutWrites } from '../support/sql.js';
import { until } from '../support/until.js';

const HASH = 2 ** TEST_COST;
const MINUTES = 60_000;

let app: TestApp;
afterEach(async () => {
  await app.close();
});

async function start(environment: Record<string, string> = {}): Promise<void> {
  app = await createTestApp({ ...BEHIND_A_PROXY, ...environment });
  await app.createUser();
}

/** @returns a function that sets the clock so many milliseconds ahead of its time at the start */
function moveClock(): (milliseconds: number) => void {
  const begin = app.clock.now();
  return (milliseconds) => app.clock.set((begin + milliseconds - app.clock.now()) / 1000);
}

/** A response without its volatile parts. */
async function bytesOf(response: Response): Promise<unknown> {
  const headers = Object.fromEntries(response.headers);
  for (const name of ['date', 'x-request-id', 'retry-after']) Reflect.deleteProperty(headers, name);
  return { status: response.status, headers, body: await response.text() };
}

async function timedLogin(): Promise<{ status: number; ms: number }> {
  const begin = performance.now();
  const { status } = await app.login();
  return { status, ms: performance.now() - begin };
}

function retryAfter(response: Response): number {
  return Number(response.headers.get('Retry-After'));
}

describe('Guessing', () => {
  it('ends after 5 wrong passwords for a user from an address, also with the right one', async () => {
    await start();
    expect(await guess(app, 5)).toEqual(many(401, 5));
    const refused = await app.login();
    expect(retryAfter(refused)).toBeGreaterThan(280);
    expect(retryAfter(refused)).toBeLessThanOrEqual(300);
    expect(refused.headers.has('WWW-Authenticate')).toBe(false);
    await expectOAuthError(refused, 429, 'too_many_attempts');
    expect((await app.login({}, from('192.0.2.1'))).status).toBe(200);
  });

  it('costs neither a hash nor a write from then on', async () => {
    await start();
    await guess(app, 5);
    const counters = () => sql(app, 'SELECT * FROM attempt_counters ORDER BY key');
    const before = await counters();
    const work = await bcryptWork(async () => {
      expect(await guess(app, 20)).toEqual(many(429, 20));
      expect((await app.login()).status).toBe(429);
    });
    expect(work).toBe(0);
    expect(await counters()).toEqual(before);
  });

  it('is answered the same for a user who does not exist', async () => {
    await start();
    await guess(app, 5);
    await guess(app, 5, { username: 'nobody' });
    const known = await bytesOf(await app.login());
    expect(known).toMatchObject({ status: 429 });
    expect(await bytesOf(await app.login({ username: 'nobody' }))).toEqual(known);
  });

  it('is counted for all spellings of a name together', async () => {
    await start();
    const spellings = ['alex', 'ALEX', 'ａｌｅｘ', 'a\u200Dlex', 'Alex'];
    for (const username of spellings) {
      expect(await guess(app, 1, { username })).toEqual([401]);
    }
    expect((await app.login()).status).toBe(429);
    expect(await countersOf(app, 'pair')).toMatchObject([{ points: 5 }]);
  });

  it('is reset for user and address together once the password is right, and for nothing else', async () => {
    await start({ LOGIN_LIMIT_ADDRESS: '7/300' });
    await guess(app, 4);
    expect((await app.login()).status).toBe(200);
    expect(await countersOf(app, 'pair')).toMatchObject([{ points: 0 }]);
    expect(await countersOf(app, 'username')).toMatchObject([{ points: 4 }]);
    expect(await countersOf(app, 'address')).toMatchObject([{ points: 4 }]);
    expect(await guess(app, 4)).toEqual([401, 401, 401, 429]);
  });

  it('does not include a disabled user with the right password', async () => {
    await start();
    await app.createUser({ username: 'sam', disabled: true });
    for (let i = 0; i < 8; i++) {
      expect(await (await app.login({ username: 'sam' })).json()).toMatchObject({
        detail: 'Inactive user',
      });
    }
  });

  it('ends for a user however many addresses it comes from', async () => {
    await start({ LOGIN_LIMIT_USERNAME: '6/3600' });
    for (let i = 0; i < 6; i++) {
      expect(await guess(app, 1, {}, from(`192.0.2.${i}`))).toEqual([401]);
    }
    const refused = await app.login({}, from('198.51.100.1'));
    expect(refused.status).toBe(429);
    expect(retryAfter(refused)).toBeGreaterThan(3_500);
    expect(await guess(app, 1, { username: 'sam' }, from('192.0.2.1'))).toEqual([401]);
  });

  it('ends for an address however many users it is about', async () => {
    await start({ LOGIN_LIMIT_ADDRESS: '6/300' });
    for (let i = 0; i < 6; i++) await guess(app, 1, { username: `user ${i}` });
    expect((await app.login()).status).toBe(429);
    expect((await app.login({}, from('192.0.2.1'))).status).toBe(200);
  });

  it('is counted for the /64 of an IPv6 address, and for IPv4 in either notation', async () => {
    await start();
    for (let i = 0; i < 5; i++) await guess(app, 1, {}, from(`2001:db8:0:1:${i}::1`));
    expect((await app.login({}, from('2001:db8:0:1:ffff::2'))).status).toBe(429);
    expect((await app.login({}, from('2001:db8:0:2::1'))).status).toBe(200);
    for (let i = 0; i < 5; i++) {
      await guess(app, 1, {}, from(i % 2 ? '192.0.2.1' : '::ffff:192.0.2.1'));
    }
    expect((await app.login({}, from('::ffff:c000:201'))).status).toBe(429);
  });

  it('starts again once the time is over', async () => {
    await start();
    const clock = moveClock();
    await guess(app, 5);
    clock(4 * MINUTES);
    const refused = await app.login();
    expect(refused.status).toBe(429);
    expect(retryAfter(refused)).toBeLessThanOrEqual(60);
    clock(5 * MINUTES);
    expect(await guess(app, 6)).toEqual([401, 401, 401, 401, 401, 429]);
    clock(10 * MINUTES);
    expect((await app.login()).status).toBe(200);
  });

  it('locks nobody out for longer when the clock goes back', async () => {
    await start();
    const clock = moveClock();
    clock(30 * 24 * 60 * MINUTES);
    await guess(app, 5);
    clock(0);
    const refused = await app.login();
    expect(refused.status).toBe(429);
    expect(retryAfter(refused)).toBeLessThanOrEqual(300);
    clock(5 * MINUTES);
    expect((await app.login()).status).toBe(200);
  });

  it('has no limit where that is 0', async () => {
    const LIMITS = ['PAIR', 'USERNAME', 'ADDRESS'].map((name) => [`LOGIN_LIMIT_${name}`, '0']);
    await start(Object.fromEntries(LIMITS) as Record<string, string>);
    expect(await guess(app, 8)).toEqual(many(401, 8));
    expect((await app.login()).status).toBe(200);
    expect(await sql(app, 'SELECT * FROM attempt_counters')).toEqual([]);
  });

  it('leaves no name in the table, and none of the passwords that people enter as one', async () => {
    await start();
    await guess(app, 1, { username: 'my secret password' });
    await app.login();
    const keys = JSON.stringify(await sql(app, 'SELECT key FROM attempt_counters'));
    expect(keys).not.toMatch(/secret|alex/);
    expect(keys).toContain('address:127.0.0.1');
  });
});

describe('Passwords that come at the same time', () => {
  it('are compared no more often than the limit allows', async () => {
    await start();
    let statuses: number[] = [];
    const work = await bcryptWork(async () => {
      const guesses = Array.from({ length: 100 }, (_, i) => app.login({ password: `guess ${i}` }));
      const answers = await Promise.all(guesses);
      statuses = answers.map(({ status }) => status);
      for (const answer of answers.filter(({ status }) => status !== 401)) {
        expect(retryAfter(answer)).toBeGreaterThanOrEqual(1);
      }
      // A machine that is busy with other things may have too long a line, and answer 503 to some of the five.
      statuses.push(...(await guess(app, 6)));
    });
    expect(work).toBe(5 * HASH);
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.every((status) => [401, 429, 503].includes(status))).toBe(true);
    expect(await countersOf(app, 'pair')).toMatchObject([{ points: 5, running: 0 }]);
  });

  it('are not counted as guesses where they are right', async () => {
    await start();
    const answers = await Promise.all(Array.from({ length: 16 }, () => app.login()));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(5);
    // On a machine that is busy with other things the line may be too long.
    expect(statuses.every((status) => [200, 503].includes(status))).toBe(true);
    expect(await countersOf(app, 'pair')).toMatchObject([{ points: 0, running: 0 }]);
  });

  it('wait for one another where only one may be checked', async () => {
    await start({ LOGIN_LIMIT_PAIR: '1/300' });
    const answers = await Promise.all([timedLogin(), timedLogin()]);
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    // On a machine that is busy with other things, one hash may take the 2 s for which the other waits.
    expect(answers.every(({ status, ms }) => status === 200 || ms >= 2_000)).toBe(true);
  });

  it('wait for one another also where their turn in the line of logins comes late', async () => {
    await start({ LOGIN_LIMIT_PAIR: '1/300' });
    const held = new HeldHashing(app);
    const logins = [app.login(), app.login()];
    await held.waitForDepth(2);
    await sleep(2_100);
    held.release();
    expect((await Promise.all(logins)).map(({ status }) => status)).toEqual([200, 200]);
  });

  it('count when their client does not wait for the answer', async () => {
    await start({ BCRYPT_COST: '12' });
    for (let i = 1; i <= 5; i++) {
      const leaving = new AbortController();
      const body = new URLSearchParams({ username: 'alex', password: `guess ${i}` });
      const login = fetch(`${app.url}/token`, { method: 'POST', body, signal: leaving.signal });
      await until(async () => (await countersOf(app, 'pair'))[0]?.running === 1);
      leaving.abort();
      await expect(login).rejects.toThrow(/abort/);
      await until(async () => (await countersOf(app, 'pair'))[0]?.points === i);
      await until(async () => (await countersOf(app, 'pair'))[0]?.running === 0);
    }
    expect((await app.login()).status).toBe(429);
  });

  it('do not count where they were never checked', async () => {
    await start();
    const held = new HeldHashing(app);
    const leaving = new AbortController();
    const body = new URLSearchParams({ username: 'alex', password: 'guess' });
    const login = fetch(`${app.url}/token`, { method: 'POST', body, signal: leaving.signal });
    await held.waitForDepth(1);
    leaving.abort();
    await expect(login).rejects.toThrow(/abort/);
    await held.waitForDepth(0);
    held.release();
    expect(await sql(app, 'SELECT * FROM attempt_counters')).toEqual([]);
  });

  it('count also where the clock of another instance is a moment ahead', async () => {
    await start();
    const counters = app.app.get(AttemptCounters);
    const key = { counted: 'pair', key: 'pair:of-nobody:here', most: 5, window: 300_000 } as const;
    const clock = moveClock();
    clock(1);
    expect(await counters.reserve([key], 1_000)).toBe(true);
    clock(0);
    await counters.settle({ counted: [key], reserved: [key] }, false);
    clock(1_000);
    await counters.reserve([key], 1_000);
    const rows = await sql(app, 'SELECT points FROM attempt_counters WHERE key = ?', key.key);
    expect(rows).toEqual([{ points: 1 }]);
  });

  it('that a killed process was checking count for 10 s, and no longer', async () => {
    await start();
    expect((await app.login()).status).toBe(200);
    const leave = 'UPDATE attempt_counters SET running = 5, running_until = ? WHERE key LIKE ?';
    await sql(app, leave, app.clock.now() + 10_000, 'pair:%');
    let answer!: Response;
    expect(await bcryptWork(async () => void (answer = await app.login()))).toBe(0);
    expect(retryAfter(answer)).toBe(1);
    await expectOAuthError(answer, 429, 'too_many_attempts');
    moveClock()(10_000);
    expect((await app.login()).status).toBe(200);
  });
});

describe('The owner of a name under attack', () => {
  beforeEach(() => start());

  /** The counter as if so many addresses had filled it. */
  const fillUsername = (points: number) =>
    sql(app, `UPDATE attempt_counters SET points = ? WHERE key LIKE 'username:%'`, points);

  it('logs in from where they are logged in, and from nowhere else', async () => {
    const home = await app.accessToken();
    expect((await app.login({}, from('2001:db8:0:7::1'))).status).toBe(200);
    expect(await guess(app, 1, {}, from('198.51.100.1'))).toEqual([401]);
    await fillUsername(98);
    expect(await guess(app, 1, {}, from('198.51.100.2'))).toEqual([401]);
    expect(await guess(app, 1, {}, from('198.51.100.3'))).toEqual([401]);
    expect((await app.login({}, from('203.0.113.1'))).status).toBe(429);
    expect((await app.login()).status).toBe(200);
    expect((await app.login({}, from('2001:db8:0:7:ffff::9'))).status).toBe(200);
    expect((await app.login({}, from('2001:db8:0:8::1'))).status).toBe(429);
    // Their open sessions are not affected.
    expect((await app.readProfile(home)).status).toBe(200);
    // There, too, guessing is limited.
    expect(await guess(app, 6)).toEqual([...many(401, 5), 429]);
    expect((await app.login()).status).toBe(429);
  });

  it('does not once that session is over', async () => {
    const token = await app.accessToken();
    await guess(app, 1, {}, from('192.0.2.1'));
    await fillUsername(100);
    expect((await app.login()).status).toBe(200);
    const headers = { Authorization: `Bearer ${token}` };
    await fetch(`${app.url}/users/me/sessions?current=true`, { method: 'DELETE', headers });
    expect((await app.login()).status).toBe(429);
  });
});

describe('The password that is asked for again', () => {
  const post = (path: string, body: object, token: string, method = 'POST') =>
    fetch(`${app.url}${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  const new_password = 'staple battery horse';

  it.each([
    ['POST /users/me/password', { new_password }, 'current_password'],
    ['POST /users/me/email', { email: 'alex@example.com' }, 'password'],
    ['DELETE /users/me', {}, 'password'],
  ])('by %s is counted with those of logins', async (route, body, field) => {
    await start();
    const token = await app.accessToken();
    await guess(app, 3);
    const [method = '', path = ''] = route.split(' ');
    const send = (password: string) => post(path, { ...body, [field]: password }, token, method);
    expect([(await send('wrong')).status, (await send('wrong')).status]).toEqual([403, 403]);
    let refused!: Response;
    expect(await bcryptWork(async () => void (refused = await send(PASSWORD)))).toBe(0);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('Content-Type')).toBe('application/problem+json');
    expect(retryAfter(refused)).toBeGreaterThan(280);
    expect(await refused.json()).toMatchObject({
      code: 'too_many_attempts',
      title: 'Too Many Requests',
    });
    expect((await app.login()).status).toBe(429);
    expect((await app.readProfile(token)).status).toBe(200);
  });
});

describe('Without an answer of the database', () => {
  it('no password is checked', async () => {
    await start();
    await sql(app, 'ALTER TABLE attempt_counters RENAME TO away');
    const work = await bcryptWork(async () => {
      await expectOAuthError(await app.login(), 503, 'temporarily_unavailable');
    });
    expect(work).toBe(0);
    await sql(app, 'ALTER TABLE away RENAME TO attempt_counters');
    expect((await app.login()).status).toBe(200);
  });

  it('nor where it can be read but not written', async () => {
    await start();
    const work = await bcryptWork(() =>
      withoutWrites(app, async () => {
        const answers = await Promise.all(Array.from({ length: 6 }, () => app.login()));
        expect(answers.map(({ status }) => status)).toEqual(many(503, 6));
      }),
    );
    expect(work).toBe(0);
    expect((await app.login()).status).toBe(200);
  });
});
