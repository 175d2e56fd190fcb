import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AuditEntry } from '../../src/audit/audit-entry.entity.js';
import { ClientsService } from '../../src/clients/clients.service.js';
import { Database } from '../../src/database/database.js';
import { OwnAccount, postJson, signUp } from '../support/accounts.js';
import { AdminClient, ADMINISTRATOR, makeUser } from '../support/admin.js';
import { entriesDuring, entriesOf, withoutTrail } from '../support/audit.js';
import { captureLog } from '../support/captured-log.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/create-test-app.js';
import { deliveredMails, holdMail } from '../support/delivered-mail.js';
import { basic, postForm } from '../support/oauth.js';
import { openSession, refresh, refreshed, requestSessions, sidOf } from '../support/sessions.js';

const NEW_PASSWORD = 'another correct horse';
const HOUR = 3600;

/** An entry without its id. */
type Said = Partial<Omit<AuditEntry, 'id'>>;

/** The fixtures of one test, created for each. */
interface Scene {
  app: TestApp;
  /** A user, their id, and a session of theirs. */
  name: string;
  id: number;
  own: OwnAccount;
  admin: AdminClient;
  client: { id: string; secret: string };
}

interface Row {
  what: string;
  /** What has to exist first. */
  before?: (scene: Scene) => Promise<unknown>;
  /** The request, with what `before` made. */
  act: (scene: Scene, before: never) => Promise<Response>;
  said: (scene: Scene) => Said;
  /** How to see whether the database has changed. */
  state?: (scene: Scene) => Promise<unknown>;
}

const user = ({ name, id }: Scene) =>
  ({ subjectKind: 'user', subjectId: id, subject: name }) as const;
const byUser = ({ name, id }: Scene) => ({ actorKind: 'user', actorId: id, actor: name }) as const;
const nobody = { actorKind: null, actorId: null, actor: null } as const;
const nothing = { subjectKind: null, subjectId: null, subject: null } as const;
const byAdmin = { actorKind: 'user', actorId: 1, actor: 'boss' } as const;
const own = (scene: Scene) => ({ ...user(scene), ...byUser(scene) });
const refused = { outcome: 'refused' } as const;
const details = (value: object) => ({ details: JSON.stringify(value) });

const login = ({ app, name: username }: Scene, form = {}, headers = {}) =>
  app.login({ username, ...form }, headers);
const session = ({ app, name: username }: Scene) => openSession(app.url, { username });
const rowsOf = (table: string) => (scene: Scene) =>
  scene.app.app.get(Database).query(`SELECT * FROM ${table} ORDER BY 1`, []);
const users = rowsOf('users');
const sessions = rowsOf('sessions');
/** All that were sent, or are to be sent. */
const mails = ({ app }: Scene) => deliveredMails(app);

async function mailedToken({ app }: Scene): Promise<string> {
  app.clock.advance(HOUR);
  const tokens = (await deliveredMails(app)).map(({ token }) => token);
  return tokens.findLast((token) => token !== '') ?? '';
}

const LOGINS: Row[] = [
  {
    what: 'a login',
    act: (scene) => login(scene),
    said: (scene) => ({ event: 'login_succeeded', ...own(scene) }),
    state: sessions,
  },
  {
    what: 'a login through a client',
    act: (scene) => login(scene, {}, basic(scene.client.id, scene.client.secret)),
    said: (scene) => ({
      event: 'login_succeeded',
      ...own(scene),
      ...details({ client_id: scene.client.id }),
    }),
    state: sessions,
  },
  {
    what: 'a wrong password',
    act: (scene) => login(scene, { password: 'wrong' }),
    said: (scene) => ({
      event: 'login_failed',
      ...refused,
      ...user(scene),
      ...nobody,
      reason: 'mismatch',
    }),
  },
  {
    what: 'an unknown user, without what was entered',
    act: (scene) => login(scene, { username: PASSWORD }),
    said: () => ({
      event: 'login_failed',
      ...refused,
      ...nothing,
      ...nobody,
      reason: 'unknown_user',
    }),
  },
  {
    what: 'the right password of a disabled user',
    before: (scene) => scene.admin.send('PATCH', `/users/${scene.id}`, { disabled: true }),
    act: (scene) => login(scene),
    said: (scene) => ({
      event: 'login_failed',
      ...refused,
      ...user(scene),
      ...nobody,
      reason: 'disabled',
    }),
  },
  {
    what: 'a wrong secret of a client',
    act: (scene) => login(scene, {}, basic(scene.client.id, 'wrong')),
    said: (scene) => ({
      event: 'client_refused',
      ...refused,
      ...nobody,
      ...nothing,
      subjectKind: 'client',
      subject: scene.client.id,
      reason: 'mismatch',
    }),
  },
  {
    what: 'an unknown client, without what was entered',
    act: (scene) => login(scene, {}, basic('nobody', 'wrong')),
    said: () => ({
      event: 'client_refused',
      ...refused,
      ...nobody,
      ...nothing,
      reason: 'unknown_client',
    }),
  },
];

const SESSIONS: Row[] = [
  {
    what: 'the use of an old refresh token',
    before: async (scene) => {
      const first = await session(scene);
      await refreshed(scene.app.url, await refreshed(scene.app.url, first));
      return first;
    },
    act: ({ app }, first: { refresh_token: string }) => refresh(app.url, first.refresh_token),
    said: (scene) => ({
      event: 'refresh_reuse',
      ...refused,
      ...user(scene),
      ...nobody,
      reason: 'reuse',
    }),
    state: sessions,
  },
  {
    what: 'the end of one session',
    before: session,
    act: ({ app, own }, one: { access_token: string }) =>
      requestSessions(app.url, { access_token: own.token }, 'DELETE', `/${sidOf(one)}`),
    said: (scene) => ({ event: 'session_ended', ...own(scene), reason: 'logout' }),
    state: sessions,
  },
  {
    what: 'the end of all others',
    before: session,
    act: ({ own }) => own.send('DELETE', '/sessions'),
    said: (scene) => ({ event: 'session_ended', ...own(scene), reason: 'logout_elsewhere' }),
    state: sessions,
  },
  {
    what: 'the end of all',
    act: ({ own }) => own.send('DELETE', '/sessions?current=true'),
    said: (scene) => ({ event: 'session_ended', ...own(scene), reason: 'logout_everywhere' }),
    state: sessions,
  },
  {
    what: 'a logout by a token',
    act: ({ app, own, client }) =>
      postForm(app, '/revoke', { token: own.token }, basic(client.id, client.secret)),
    said: (scene) => ({
      event: 'session_ended',
      ...own(scene),
      reason: 'revoked',
      ...details({ client_id: scene.client.id }),
    }),
    state: sessions,
  },
];

const ACCOUNTS: Row[] = [
  {
    what: 'a change of the profile',
    act: ({ own }) => own.send('PATCH', '', { full_name: 'Another' }),
    said: (scene) => ({ event: 'user_changed', ...own(scene), reason: 'full_name' }),
    state: users,
  },
  {
    what: 'a change of the password',
    act: ({ own }) =>
      own.send('POST', '/password', { current_password: PASSWORD, new_password: NEW_PASSWORD }),
    said: (scene) => ({ event: 'password_changed', ...own(scene) }),
    state: users,
  },
  {
    what: 'a wrong password from the bearer of a token',
    act: ({ own }) =>
      own.send('POST', '/password', { current_password: 'wrong', new_password: NEW_PASSWORD }),
    said: (scene) => ({ event: 'password_refused', ...refused, ...own(scene), reason: 'mismatch' }),
  },
  {
    what: 'the request for another address',
    act: ({ own, name }) =>
      own.send('POST', '/email', { email: `${name}@example.org`, password: PASSWORD }),
    said: (scene) => ({ event: 'email_change_requested', ...own(scene) }),
    state: mails,
  },
  {
    what: 'another address',
    before: async (scene) => {
      const email = `${scene.name}@example.org`;
      await scene.own.send('POST', '/email', { email, password: PASSWORD });
      return mailedToken(scene);
    },
    act: ({ app }, token: string) => postJson(app, '/email-verification/confirm', { token }),
    said: (scene) => ({ event: 'email_changed', ...own(scene) }),
    state: users,
  },
  {
    what: 'a verified address',
    before: async (scene) => {
      await postJson(scene.app, '/email-verification', { email: `${scene.name}@example.com` });
      return mailedToken(scene);
    },
    act: ({ app }, token: string) => postJson(app, '/email-verification/confirm', { token }),
    said: (scene) => ({ event: 'email_verified', ...own(scene) }),
    state: users,
  },
  {
    what: 'another password by mail',
    before: async (scene) => {
      await postJson(scene.app, '/password-reset', { email: `${scene.name}@example.com` });
      return mailedToken(scene);
    },
    act: ({ app }, token: string) =>
      postJson(app, '/password-reset/confirm', { token, new_password: NEW_PASSWORD }),
    said: (scene) => ({ event: 'password_reset', ...own(scene) }),
    state: users,
  },
  {
    what: 'a user who deletes their account',
    act: ({ own }) => own.send('DELETE', '', { password: PASSWORD }),
    said: (scene) => ({ event: 'user_deleted', ...own(scene) }),
    state: users,
  },
  {
    what: 'a sign-up',
    act: ({ app, name }) => signUp(app, { username: `${name}-too` }),
    said: ({ name, id }) => {
      const subject = `${name}-too`;
      return {
        ...{ event: 'user_registered', subjectKind: 'user', subjectId: id + 1, subject },
        ...{ actorKind: 'user', actorId: id + 1, actor: subject },
      };
    },
    state: users,
  },
];

const ADMINISTRATION: Row[] = [
  {
    what: 'a user whom an administrator makes',
    act: ({ admin, name }) =>
      admin.send('POST', '/users', { username: `${name}-too`, email: `${name}-too@example.com` }),
    said: ({ name, id }) => ({
      ...{ event: 'user_created', ...byAdmin, ...details({ scope: '' }) },
      ...{ subjectKind: 'user', subjectId: id + 1, subject: `${name}-too` },
    }),
    state: users,
  },
  {
    what: 'what an administrator changes',
    act: ({ admin, id }) =>
      admin.send('PATCH', `/users/${id}`, { disabled: true, scopes: ['users:read'] }),
    said: (scene) => ({
      event: 'user_changed',
      ...user(scene),
      ...byAdmin,
      reason: 'disabled scopes',
      ...details({ scope: 'users:read', disabled: true }),
    }),
    state: users,
  },
  {
    what: 'a logout by an administrator',
    act: ({ admin, id }) => admin.send('DELETE', `/users/${id}/sessions`),
    said: (scene) => ({
      event: 'session_ended',
      ...user(scene),
      ...byAdmin,
      reason: 'ended_by_administrator',
    }),
    state: sessions,
  },
  {
    what: 'a link for another password, from an administrator',
    act: ({ admin, id }) => admin.send('POST', `/users/${id}/password-reset`),
    said: (scene) => ({ event: 'password_reset_sent', ...user(scene), ...byAdmin }),
    state: mails,
  },
  {
    what: 'a user whom an administrator deletes',
    act: ({ admin, id }) => admin.send('DELETE', `/users/${id}`),
    said: (scene) => ({ event: 'user_deleted', ...user(scene), ...byAdmin }),
    state: users,
  },
  {
    what: 'an invitation',
    act: ({ admin }) => admin.send('POST', '/invitations'),
    said: () => ({ event: 'invitation_made', ...nothing, ...byAdmin }),
    state: rowsOf('one_time_tokens'),
  },
  {
    what: 'what an administrator is not allowed to do',
    act: ({ admin, id }) => admin.send('PATCH', `/users/${id}`, { scopes: ['more'] }),
    said: (scene) => ({
      event: 'administration_refused',
      ...refused,
      ...user(scene),
      ...byAdmin,
      reason: 'beyond_own_scopes',
    }),
  },
];

const ROWS = [...LOGINS, ...SESSIONS, ...ACCOUNTS, ...ADMINISTRATION];
const CHANGES = ROWS.filter(({ state }) => state !== undefined);
const REFUSALS = ROWS.filter(({ state }) => state === undefined);

let app: TestApp;
let log: Record<string, unknown>[];
let admin: AdminClient;
let client: { id: string; secret: string };
let scene: Scene;
let count = 0;

beforeAll(async () => {
  app = await createTestApp({
    LOG_LEVEL: 'info',
    REFRESH_REUSE_SECONDS: '0',
    ACCESS_TOKEN_EXPIRE_MINUTES: '1440',
  });
  holdMail(app);
  log = captureLog();
  await makeUser(app, 'boss', ADMINISTRATOR);
  admin = await AdminClient.logIn(app, 'boss');
  client = await app.app.get(ClientsService).create('shop');
});
afterAll(() => app.close());

beforeEach(async () => {
  const name = `kim-${(count += 1)}`;
  const id = await makeUser(app, name, [], { email: `${name}@example.com` });
  scene = { app, name, id, own: await OwnAccount.logIn(app, name), admin, client };
});

describe('The audit trail', () => {
  it.each(ROWS)('records who, what, from where and when: $what', async ({ before, act, said }) => {
    const made = (await before?.(scene)) as never;
    const { entries, result } = await entriesDuring(app, () => act(scene, made));
    expect(entries).toEqual([
      {
        id: expect.any(String),
        time: app.clock.now(),
        outcome: 'success',
        ip: '127.0.0.1',
        requestId: result.headers.get('X-Request-Id'),
        reason: null,
        details: null,
        ...said(scene),
      },
    ]);
    // And the log says so once.
    const lines = log.filter(
      (line) => line.request_id === entries[0]!.requestId && 'event' in line,
    );
    expect(lines.map(({ event }) => event)).toEqual([entries[0]!.event]);
  });

  it.each(CHANGES)('has no change without its entry: $what', async ({ before, act, state }) => {
    const made = (await before?.(scene)) as never;
    const earlier = await state!(scene);
    const answer = await withoutTrail(app, () => act(scene, made));
    expect(answer.status).toBe(503);
    expect(await state!(scene)).toEqual(earlier);
    const id = answer.headers.get('X-Request-Id');
    expect(log.filter((line) => line.request_id === id && line.context === 'security')).toEqual(
      // Except that it failed, where that is recorded.
      log.filter((line) => line.request_id === id && line.event === 'login_unavailable'),
    );
    // The same succeeds as soon as it can be recorded.
    expect((await act(scene, made)).status).toBeLessThan(500);
    expect(await state!(scene)).not.toEqual(earlier);
  });

  it.each(REFUSALS)('does not prevent a refusal when it fails: $what', async ({ before, act }) => {
    const made = (await before?.(scene)) as never;
    const { status } = await act(scene, made);
    expect(status).toBeGreaterThanOrEqual(400);
    const answer = await withoutTrail(app, () => act(scene, made));
    expect(answer.status).toBe(status);
    const id = answer.headers.get('X-Request-Id');
    expect(log).toContainEqual(
      expect.objectContaining({ request_id: id, msg: 'no audit entry of a refusal' }),
    );
  });

  it('is silent about refreshes, tokens and what could not be read', async () => {
    const { entries } = await entriesDuring(app, async () => {
      const { refresh_token } = await session(scene).then(async (first) =>
        refreshed(app.url, first),
      );
      await refresh(app.url, `${refresh_token}x`);
      await app.readProfile('no token');
      await scene.own.send('GET');
      await app.login({ grant_type: 'unheard of' });
    });
    expect(entries.map(({ event }) => event)).toEqual(['login_succeeded']);
  });

  it('keeps nothing secret', async () => {
    const text = JSON.stringify(await entriesOf(app));
    for (const secret of [PASSWORD, NEW_PASSWORD, client.secret, '$2b$', 'eyJ', 'wrong']) {
      expect(text).not.toContain(secret);
    }
  });
});
