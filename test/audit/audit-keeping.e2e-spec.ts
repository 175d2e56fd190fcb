import { afterEach, describe, expect, it } from '@jest/globals';
import { PasswordAttempts } from '../../src/login/password-attempts.service.js';
import { Sweeper } from '../../src/database/sweeper.js';
import { OwnAccount } from '../support/accounts.js';
import { AdminClient, ADMINISTRATOR, makeUser } from '../support/admin.js';
import { entriesOf } from '../support/audit.js';
import { createTestApp, type TestApp } from '../support/create-test-app.js';
import { basic } from '../support/oauth.js';

const DAY = 86_400;

let app: TestApp;

afterEach(() => app.close());

const eventsOf = async (filter = {}) => (await entriesOf(app, filter)).map(({ event }) => event);
const wrongClient = (headers = {}) => app.login({}, { ...basic('nobody', 'wrong'), ...headers });

describe('AUDIT_DAYS', () => {
  it('is how long an entry is kept', async () => {
    app = await createTestApp({ AUDIT_DAYS: '7' });
    const sweep = () => app.app.get(Sweeper).sweep();
    await app.createUser();
    app.clock.advance(DAY);
    await app.login();
    app.clock.advance(6 * DAY - 0.001);
    await sweep();
    expect(await eventsOf()).toEqual(['user_created', 'login_succeeded']);
    app.clock.advance(0.001);
    await sweep();
    expect(await eventsOf()).toEqual(['login_succeeded']);
  });
});

describe('A flood of refusals', () => {
  it('leaves 100 entries of a kind in a minute, and then the number of the others', async () => {
    app = await createTestApp();
    const many = (count: number) => Promise.all(Array.from({ length: count }, () => wrongClient()));
    const refusals = () => entriesOf(app, { event: 'client_refused' });
    await many(104);
    expect(await refusals()).toHaveLength(100);
    // One kind does not affect another.
    await app.login({ username: 'nobody' });
    expect(await entriesOf(app, { event: 'login_failed' })).toHaveLength(1);
    app.clock.advance(60);
    await many(2);
    const [first, second, ...more] = (await refusals()).slice(100);
    expect([first!.details, second!.details, more]).toEqual(['{"omitted":4}', null, []]);
  });
});

describe('From where', () => {
  const forwarded = { 'X-Forwarded-For': '203.0.113.9, 198.51.100.7' };
  const addresses = async () => (await entriesOf(app)).map(({ ip }) => ip);

  it('is the address of the connection, whatever an untrusted client sends', async () => {
    app = await createTestApp();
    await wrongClient(forwarded);
    expect(await addresses()).toEqual(['127.0.0.1']);
  });

  it('is what a trusted proxy forwards, if it is an address', async () => {
    app = await createTestApp({ TRUSTED_PROXIES: '127.0.0.1' });
    await wrongClient(forwarded);
    await wrongClient({ 'X-Forwarded-For': '<script>' });
    expect(await addresses()).toEqual(['198.51.100.7', null]);
  });
});

describe('Whom it is about', () => {
  it('is the user whose wrong passwords are forgotten', async () => {
    app = await createTestApp();
    await app.createUser();
    await app.login({ password: 'wrong' });
    const unlock = (name: string) => app.app.get(PasswordAttempts).unlock(name);
    expect([await unlock('alex'), await unlock('alex')]).toEqual([true, false]);
    const entries = await entriesOf(app, { event: 'attempts_forgotten' });
    const alex = { subjectKind: 'user', subjectId: 1, subject: 'alex' };
    expect(entries).toEqual([expect.objectContaining({ ...alex, actorKind: 'system' })]);
  });

  it('is exported to the user, without what concerns others', async () => {
    app = await createTestApp({ TRUSTED_PROXIES: '127.0.0.1' });
    await makeUser(app, 'boss', ADMINISTRATOR);
    const id = await makeUser(app, 'kim');
    const boss = await AdminClient.logIn(app, 'boss');
    const own = await OwnAccount.logIn(app, 'kim');
    await boss.send('PATCH', `/users/${id}`, { full_name: 'Kim', scopes: ['users:read'] });
    await app.login({ username: 'kim', password: 'wrong' }, { 'X-Forwarded-For': '198.51.100.7' });
    const read = async (account: OwnAccount) => {
      const answer = await account.send('GET', '/export');
      const { events } = (await answer.json()) as { events: Record<string, unknown>[] };
      return events.map(({ event, by_user, about_user, ip, details }) => {
        return [event, by_user, about_user, ip, details];
      });
    };
    const [wrong, change, login] = await read(own);
    expect(wrong).toEqual(['login_failed', false, true, '198.51.100.7', {}]);
    expect(change).toEqual(['user_changed', false, true, null, { scope: 'users:read' }]);
    expect(login).toEqual(['login_succeeded', true, true, '127.0.0.1', {}]);
    const [own1, done] = await read(await OwnAccount.logIn(app, 'boss'));
    expect(own1).toEqual(['login_succeeded', true, true, '127.0.0.1', {}]);
    expect(done).toEqual(['user_changed', true, false, '127.0.0.1', {}]);
  });

  it('is no longer a user, once they are gone; nor anyone who gets the name after them', async () => {
    app = await createTestApp();
    await app.createUser({ username: 'kim' });
    await (await OwnAccount.logIn(app, 'kim')).send('DELETE', '', { password: 'correct horse' });
    expect(await eventsOf({ user: 'kim' })).toEqual([
      ...['user_created', 'login_succeeded', 'user_deleted'],
    ]);
    await app.createUser({ username: 'kim' });
    const answer = await (await OwnAccount.logIn(app, 'kim')).send('GET', '/export');
    const { events } = (await answer.json()) as { events: { event: string }[] };
    expect(events.map(({ event }) => event)).toEqual(['login_succeeded', 'user_created']);
  });
});
