import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AccountsService } from '../../src/accounts/accounts.service.js';
import { Outbox } from '../../src/mail/outbox.service.js';
import { OneTimeTokensService } from '../../src/one-time-tokens/one-time-tokens.service.js';
import { UserScopesService } from '../../src/users/user-scopes.service.js';
import { ADMINISTRATOR, AdminClient, makeUser, type UserAnswer } from '../support/admin.js';
import { createTestApp, type TestApp } from '../support/create-test-app.js';
import { holdMail } from '../support/delivered-mail.js';
import { expectProblem } from '../support/expect-errors.js';
import { openSession } from '../support/sessions.js';
import { sql } from '../support/sql.js';

let app: TestApp;
let admin: AdminClient;
let count = 0;

beforeAll(async () => {
  app = await createTestApp();
  holdMail(app);
  await makeUser(app, 'root', ADMINISTRATOR);
  admin = await AdminClient.logIn(app, 'root');
});
afterAll(() => app.close());

const tick = () => `user${++count}`;
const read = (id: number) => admin.get<UserAnswer>(`/users/${id}`);
const rowOf = async (id: number) => (await sql(app, 'SELECT * FROM users WHERE id = ?', id))[0];
const newMails = async () => {
  const mails = await sql(app, 'SELECT kind, user_id, address FROM outgoing_mails ORDER BY id');
  await sql(app, 'DELETE FROM outgoing_mails');
  return mails;
};
const nowhere = {
  status: 404,
  title: 'Not Found',
  code: 'user_not_found',
  detail: 'There is no such user',
};
const beyond = {
  status: 403,
  title: 'Forbidden',
  code: 'beyond_own_scopes',
  detail: 'That takes a scope that your own token does not have',
};

/** The fields that an answer with 400 names. */
async function fieldsNamedBy(response: Response): Promise<string[]> {
  expect(response.status).toBe(400);
  const { errors } = (await response.json()) as { errors: { field: string }[] };
  return errors.map(({ field }) => field);
}

describe('POST /admin/users', () => {
  it('makes a user without a password, and mails them a link to set one', async () => {
    await newMails();
    const username = tick();
    const body = { username, email: 'New@Example.com', full_name: 'New', scopes: ['users:read'] };
    const response = await admin.send('POST', '/users', body);
    expect(response.status).toBe(201);
    const user = (await response.json()) as UserAnswer;
    expect(user).toEqual({
      id: user.id,
      ...body,
      email_verified: false,
      disabled: false,
      pending: false,
      created_at: '2030-01-01T00:00:00.000Z',
    });
    expect(await rowOf(user.id)).toMatchObject({
      hashed_password: null,
      email_key: 'new@example.com',
    });
    expect(await newMails()).toEqual([{ kind: 'set_password', user_id: user.id, address: null }]);
    expect((await app.login({ username })).status).toBe(401);
    expect(await read(user.id)).toEqual(user);
  });

  it.each([
    ['id', 1],
    ['password', 'correct horse'],
    ['hashed_password', '$2b$10$x'],
    ['hashedPassword', 'x'],
    ['disabled', true],
    ['pending_until', null],
    ['email_verified', true],
    ['emailVerifiedAt', 1],
    ['created_at', 1],
    ['username_key', 'root'],
  ])('accepts no member %s, and names it', async (member, value) => {
    const username = tick();
    const body = { username, email: `${username}@example.com`, [member]: value };
    expect(await fieldsNamedBy(await admin.send('POST', '/users', body))).toEqual([member]);
    expect(await sql(app, 'SELECT 1 FROM users WHERE username = ?', username)).toEqual([]);
  });

  it('names every field that is wrong', async () => {
    const body = { username: 'a b', email: 'x', full_name: '', scopes: ['a b', 7] };
    expect(await fieldsNamedBy(await admin.send('POST', '/users', body))).toEqual([
      'username',
      'email',
      'full_name',
      'scopes.0',
      'scopes.1',
    ]);
    expect(await fieldsNamedBy(await admin.send('POST', '/users', {}))).toEqual([
      'username',
      'email',
    ]);
  });

  it('refuses a name and an address that are taken, in whatever case or width', async () => {
    const username = tick();
    await makeUser(app, username, [], { email: 'taken@example.com' });
    const email = 'other@example.com';
    const upper = await admin.send('POST', '/users', { username: username.toUpperCase(), email });
    expect([upper.status, await upper.json()]).toMatchObject([409, { code: 'username_taken' }]);
    const wide = `\uFF55${username.slice(1)}`;
    expect((await admin.send('POST', '/users', { username: wide, email })).status).toBe(409);
    const body = { username: tick(), email: 'TAKEN@example.com' };
    const again = await admin.send('POST', '/users', body);
    expect([again.status, await again.json()]).toMatchObject([409, { code: 'email_taken' }]);
  });

  it('refuses a name that was freed lately, until no token of it can live', async () => {
    const username = tick();
    await makeUser(app, username);
    await app.app.get(AccountsService).delete(username);
    const body = { username: username.toUpperCase(), email: `${username}@example.com` };
    const early = await admin.send('POST', '/users', body);
    expect([early.status, await early.json()]).toMatchObject([409, { code: 'username_taken' }]);
    app.clock.advance(15 * 60 + 11);
    admin = await AdminClient.logIn(app, 'root');
    expect((await admin.send('POST', '/users', body)).status).toBe(201);
  });

  it('grants no scope that the administrator lacks', async () => {
    const body = { username: tick(), email: 'beyond@example.com', scopes: ['users:read', 'x'] };
    await expectProblem(await admin.send('POST', '/users', body), beyond);
    const narrow = await AdminClient.logIn(app, 'root', { scope: 'users:write' });
    await expectProblem(
      await narrow.send('POST', '/users', { ...body, scopes: ['users:read'] }),
      beyond,
    );
    const own = await narrow.send('POST', '/users', {
      ...body,
      scopes: ['users:write', 'profile'],
    });
    expect([own.status, await own.json()]).toMatchObject([201, { scopes: ['users:write'] }]);
    const { id } = (
      await admin.get<{ users: UserAnswer[] }>(`/users?username_prefix=${body.username}`)
    ).users[0]!;
    expect((await admin.send('DELETE', `/users/${id}`)).status).toBe(204);
  });
});

describe('GET /admin/users/{id}', () => {
  it.each(['0', '01', '-1', '1.0', '1e1', 'x', '%00', '9999999999', '2147483647', '1%20', '٣'])(
    'finds nobody by %s',
    async (id) => {
      await expectProblem(await admin.send('GET', `/users/${id}`), nowhere);
      await expectProblem(await admin.send('DELETE', `/users/${id}`), nowhere);
      await expectProblem(await admin.send('DELETE', `/users/${id}/sessions`), nowhere);
      await expectProblem(await admin.send('POST', `/users/${id}/password-reset`), nowhere);
      await expectProblem(await admin.send('PATCH', `/users/${id}`, {}), nowhere);
    },
  );

  it('shows what an adopted row has, and no hash', async () => {
    await sql(
      app,
      "INSERT INTO users (id, username, hashed_password) VALUES (5000, NULL, '$2b$x')",
    );
    expect(await read(5000)).toEqual({
      id: 5000,
      username: null,
      email: null,
      email_verified: false,
      full_name: null,
      disabled: false,
      pending: false,
      scopes: [],
      created_at: null,
    });
    expect((await admin.send('DELETE', '/users/5000')).status).toBe(204);
  });
});

describe('PATCH /admin/users/{id}', () => {
  it('changes what it names, and nothing else', async () => {
    const id = await makeUser(app, tick(), ['users:read'], { fullName: 'Before' });
    const before = await rowOf(id);
    const response = await admin.send('PATCH', `/users/${id}`, { full_name: 'After' });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ ...(await read(id)), full_name: 'After' });
    expect(await rowOf(id)).toEqual({ ...(before as object), full_name: 'After' });
    await admin.send('PATCH', `/users/${id}`, { full_name: null });
    expect(await rowOf(id)).toEqual({ ...(before as object), full_name: null });
    await admin.send('PATCH', `/users/${id}`, {});
    expect(await rowOf(id)).toEqual({ ...(before as object), full_name: null });
  });

  it.each([
    ['id', 1],
    ['username', 'root'],
    ['password', 'correct horse'],
    ['hashed_password', '$2b$10$x'],
    ['email_verified', true],
    ['pending', false],
    ['createdAt', 1],
  ])('accepts no member %s, and names it', async (member, value) => {
    const id = await makeUser(app, tick());
    const before = await rowOf(id);
    const body = { full_name: 'x', [member]: value };
    expect(await fieldsNamedBy(await admin.send('PATCH', `/users/${id}`, body))).toEqual([member]);
    expect(await rowOf(id)).toEqual(before);
  });

  it.each([
    [{ disabled: null }, 'disabled'],
    [{ disabled: 'true' }, 'disabled'],
    [{ email: null }, 'email'],
    [{ email: 'a@example.com\r\nBcc: b@example.com' }, 'email'],
    [{ full_name: 'a\u0000b' }, 'full_name'],
    [{ full_name: 'a\u202eb' }, 'full_name'],
    [{ scopes: 'users:write' }, 'scopes'],
    [{ scopes: [['users:write']] }, 'scopes.0'],
    [{ scopes: Array(33).fill('users:read') }, 'scopes'],
  ])('refuses %j, and names the field', async (body, field) => {
    const id = await makeUser(app, tick());
    expect(await fieldsNamedBy(await admin.send('PATCH', `/users/${id}`, body))).toEqual([field]);
  });

  it('ends the sessions of a user whom it disables, and lets them log in again once enabled', async () => {
    const username = tick();
    const id = await makeUser(app, username);
    const { access_token } = await openSession(app.url, { username });
    await admin.send('PATCH', `/users/${id}`, { disabled: true });
    expect((await app.login({ username })).status).toBe(401);
    await admin.send('PATCH', `/users/${id}`, { disabled: false });
    expect((await app.readProfile(access_token)).status).toBe(401);
    expect((await app.login({ username })).status).toBe(200);
    expect(
      await sql(app, 'SELECT revoked_reason FROM sessions WHERE user_id = ?', id),
    ).toContainEqual({
      revoked_reason: 'user_disabled',
    });
  });

  it('has a new address verified, notifies the old one, and invalidates what was sent there', async () => {
    const username = tick();
    const id = await makeUser(app, username, [], { email: `${username}@example.com` });
    await sql(app, 'UPDATE users SET email_verified_at = 1 WHERE id = ?', id);
    const tokens = app.app.get(OneTimeTokensService);
    const purposes = ['reset_password', 'set_password', 'verify_email', 'change_email'] as const;
    for (const purpose of purposes) await tokens.issue(purpose, id, 'x@example.com');
    await newMails();
    // A change that the user requested, and whose mail is still to be sent.
    const order = { kind: 'change_email', userId: id, address: 'y@example.com' };
    await app.app.get(Outbox).post(order);
    const email = `${username}@Elsewhere.example`;
    const response = await admin.send('PATCH', `/users/${id}`, { email });
    expect(await response.json()).toMatchObject({ email, email_verified: false });
    expect(await rowOf(id)).toMatchObject({ email, email_key: email.toLowerCase() });
    expect(await sql(app, 'SELECT 1 FROM one_time_tokens WHERE user_id = ?', id)).toEqual([]);
    expect(await newMails()).toEqual([
      { kind: 'email_changed', user_id: id, address: `${username}@example.com` },
      { kind: 'verify_email', user_id: id, address: email },
    ]);
  });

  it('does nothing for an unchanged address', async () => {
    const username = tick();
    const email = `${username}@example.com`;
    const id = await makeUser(app, username, [], { email });
    await sql(app, 'UPDATE users SET email_verified_at = 1 WHERE id = ?', id);
    await newMails();
    const response = await admin.send('PATCH', `/users/${id}`, { email, full_name: 'x' });
    expect(await response.json()).toMatchObject({ email_verified: true, full_name: 'x' });
    expect(await newMails()).toEqual([]);
  });

  it("refuses another's address, and leaves all as it was", async () => {
    const username = tick();
    await makeUser(app, username, [], { email: `${username}@example.com` });
    const id = await makeUser(app, tick());
    const before = await rowOf(id);
    await newMails();
    const body = { email: `${username.toUpperCase()}@EXAMPLE.com`, full_name: 'x' };
    const response = await admin.send('PATCH', `/users/${id}`, body);
    expect([response.status, await response.json()]).toMatchObject([409, { code: 'email_taken' }]);
    expect(await rowOf(id)).toEqual(before);
    expect(await newMails()).toEqual([]);
  });
});

describe('An administrator', () => {
  it('cannot raise their own scopes, nor those of a friend', async () => {
    const [one, other] = [tick(), tick()];
    const id = await makeUser(app, one, ['users:write']);
    const friend = await makeUser(app, other);
    const narrow = await AdminClient.logIn(app, one);
    for (const target of [id, friend]) {
      const scopes = ['users:write', 'users:read'];
      await expectProblem(await narrow.send('PATCH', `/users/${target}`, { scopes }), beyond);
    }
    expect((await read(id)).scopes).toEqual(['users:write']);
    await app.app.get(UserScopesService).revoke(one, ['users:write']);
  });

  it('cannot change a user with a scope that they lack, or that their token lacks', async () => {
    const [one, other] = [tick(), tick()];
    await makeUser(app, one, ADMINISTRATOR);
    const email = `${other}@example.com`;
    const id = await makeUser(app, other, ['users:write', 'reports'], { email });
    const { access_token } = await openSession(app.url, { username: other });
    const before = await rowOf(id);
    await newMails();
    const clients = [await AdminClient.logIn(app, one), admin];
    for (const client of clients) {
      const requests: [string, string, unknown?][] = [
        ['PATCH', '', { email: 'mine@example.com' }],
        ['PATCH', '', { disabled: true }],
        ['PATCH', '', { scopes: ['users:write'] }],
        ['PATCH', '', {}],
        ['DELETE', '/sessions'],
        ['POST', '/password-reset'],
        ['DELETE', ''],
      ];
      for (const [method, path, body] of requests) {
        await expectProblem(await client.send(method, `/users/${id}${path}`, body), beyond);
      }
    }
    expect(await rowOf(id)).toEqual(before);
    expect(await newMails()).toEqual([]);
    expect((await app.readProfile(access_token)).status).toBe(200);
    expect((await read(id)).scopes).toEqual(['users:write', 'reports']);
    for (const username of [one, other]) {
      await app.app.get(UserScopesService).revoke(username, ['users:write']);
    }
  });

  it('can grant and revoke the scopes that they have', async () => {
    const username = tick();
    const id = await makeUser(app, username, ['users:read']);
    const theirs = await AdminClient.logIn(app, username);
    const response = await admin.send('PATCH', `/users/${id}`, {
      scopes: ['users:write', 'profile', 'users:write'],
    });
    expect(await response.json()).toMatchObject({ scopes: ['users:write'] });
    expect((await theirs.send('GET', '/users')).status).toBe(403);
    await admin.send('PATCH', `/users/${id}`, { scopes: [] });
    expect(await rowOf(id)).toMatchObject({ scopes: null });
  });

  it('ends the sessions of a user', async () => {
    const username = tick();
    const id = await makeUser(app, username);
    const { access_token } = await openSession(app.url, { username });
    const response = await admin.send('DELETE', `/users/${id}/sessions`);
    expect([response.status, await response.text()]).toEqual([204, '']);
    expect((await app.readProfile(access_token)).status).toBe(401);
    expect(await sql(app, 'SELECT revoked_reason FROM sessions WHERE user_id = ?', id)).toEqual([
      { revoked_reason: 'ended_by_administrator' },
    ]);
    expect((await admin.send('DELETE', `/users/${id}/sessions`)).status).toBe(204);
  });

  it('has a reset mailed, if there is an address', async () => {
    const username = tick();
    const id = await makeUser(app, username, [], { email: `${username}@example.com` });
    await newMails();
    const response = await admin.send('POST', `/users/${id}/password-reset`);
    expect([response.status, await response.text()]).toEqual([202, '']);
    expect(await newMails()).toEqual([{ kind: 'reset_password', user_id: id, address: null }]);
    const without = await makeUser(app, tick());
    const refused = await admin.send('POST', `/users/${without}/password-reset`);
    expect([refused.status, await refused.json()]).toMatchObject([409, { code: 'no_email' }]);
    expect(await newMails()).toEqual([]);
  });

  it('deletes a user, with sessions and tokens, and the name is kept for a while', async () => {
    const username = tick();
    const id = await makeUser(app, username, [], { email: `${username}@example.com` });
    const { access_token } = await openSession(app.url, { username });
    await app.app.get(OneTimeTokensService).issue('reset_password', id, 'x@example.com');
    expect((await admin.send('DELETE', `/users/${id}`)).status).toBe(204);
    expect(await rowOf(id)).toBeUndefined();
    expect((await app.readProfile(access_token)).status).toBe(404);
    expect(await sql(app, 'SELECT 1 FROM one_time_tokens WHERE user_id = ?', id)).toEqual([]);
    const body = { username, email: `${username}@example.com` };
    expect((await admin.send('POST', '/users', body)).status).toBe(409);
    await expectProblem(await admin.send('DELETE', `/users/${id}`), nowhere);
  });

  it('makes invitations that are valid once, for a week', async () => {
    const response = await admin.send('POST', '/invitations');
    expect(response.status).toBe(201);
    const { invitation, expires_at } = (await response.json()) as Record<string, string>;
    expect(invitation).toMatch(/^[\w-]{43}$/);
    expect(Date.parse(expires_at!) - app.clock.now()).toBe(7 * 86_400_000);
    const found = await app.app.get(OneTimeTokensService).find(invitation!, ['invitation']);
    expect(found).toMatchObject({ purpose: 'invitation', userId: null, address: null });
    const stored = JSON.stringify(await sql(app, 'SELECT * FROM one_time_tokens'));
    expect(stored).not.toContain(invitation);
  });
});

describe('GET /admin/users', () => {
  interface Page {
    users: UserAnswer[];
    next_cursor: string | null;
  }

  async function* pages(query: string): AsyncGenerator<Page> {
    for (let cursor = ''; ;) {
      const page = await admin.get<Page>(`/users?${query}${cursor}`);
      yield page;
      if (page.next_cursor === null) return;
      cursor = `&cursor=${encodeURIComponent(page.next_cursor)}`;
    }
  }

  async function namesBy(query: string): Promise<(string | null)[]> {
    const names: (string | null)[] = [];
    for await (const { users } of pages(query)) names.push(...users.map((user) => user.username));
    return names;
  }

  /** Makes many users by one statement. */
  const crowd = (prefix: string, from: number, to: number) =>
    sql(
      app,
      `WITH RECURSIVE n(i) AS (VALUES (${from}) UNION ALL SELECT i + 1 FROM n WHERE i < ${to})
       INSERT INTO users (username, username_key, email, email_key)
       SELECT '${prefix}' || i, '${prefix}' || i, '${prefix}' || i || '@x.org',
         '${prefix}' || i || '@x.org' FROM n`,
    );

  it.each(['limit=37', 'limit=200&username_prefix=crowd', 'limit=53&email_prefix=CROWD'])(
    'walks a thousand users by %s without a gap or a duplicate, while others come and go',
    async (query) => {
      await crowd('crowd', 1, 1000);
      const all = await namesBy(query);
      const seen: (string | null)[] = [];
      let round = 0;
      for await (const { users } of pages(query)) {
        seen.push(...users.map(({ username }) => username));
        round++;
        await sql(app, 'DELETE FROM users WHERE username = ?', seen.at(-1));
        await sql(app, 'DELETE FROM users WHERE username = ?', `crowd${1000 - round}`);
        await crowd('crowdly', round, round);
        await crowd('crow', round, round);
      }
      const left = await sql<{ username: string }>(app, 'SELECT username FROM users');
      const kept = all.filter((name) => left.some(({ username }) => username === name));
      expect(kept.length).toBeGreaterThan(900);
      expect(seen.filter((name) => kept.includes(name))).toEqual(kept);
      expect(new Set(seen).size).toBe(seen.length);
      await sql(app, "DELETE FROM users WHERE username LIKE 'crow%'");
    },
  );

  it('has 50 users a page by default', async () => {
    await crowd('crowd', 1, 60);
    expect((await admin.get<Page>('/users')).users).toHaveLength(50);
    await sql(app, "DELETE FROM users WHERE username LIKE 'crowd%'");
  });

  it('has no cursor on the last page, also where that is full', async () => {
    await crowd('full', 1, 4);
    const first = await admin.get<Page>('/users?username_prefix=full&limit=2');
    expect(first.next_cursor).toEqual(expect.any(String));
    const cursor = `cursor=${first.next_cursor}`;
    const last = await admin.get<Page>(`/users?username_prefix=full&limit=2&${cursor}`);
    expect([last.users.length, last.next_cursor]).toEqual([2, null]);
  });

  it.each([
    ['username_prefix=zo', ['zoe', 'zora', 'Zoë.Müller']],
    ['username_prefix=ZO', ['zoe', 'zora', 'Zoë.Müller']],
    [`username_prefix=${encodeURIComponent('\uFF3A\uFF2F')}`, ['zoe', 'zora', 'Zoë.Müller']],
    [`username_prefix=${encodeURIComponent('zoë')}`, ['Zoë.Müller']],
    [`username_prefix=${encodeURIComponent('zoe\u0308')}`, ['Zoë.Müller']],
    ['username_prefix=zo%25', []],
    ['username_prefix=z_', ['z_under']],
    ['username_prefix=z%25', []],
    ['email_prefix=Z_', ['zoe']],
    ['email_prefix=z%25', []],
    ['email_prefix=Z%2B', ['zora']],
    ["username_prefix='", []],
    ['username_prefix=%F4%8F%BF%BF', []],
  ])('finds by %s', async (query, names) => {
    if ((await sql(app, "SELECT 1 FROM users WHERE username = 'zoe'")).length === 0) {
      await makeUser(app, 'zoe', [], { email: 'z_oe@example.com' });
      await makeUser(app, 'Zoë.Müller');
      await makeUser(app, 'zora', [], { email: 'z+ora@example.com' });
      await makeUser(app, 'z_under');
      await makeUser(app, 'zyy');
    }
    expect(await namesBy(query)).toEqual(names);
  });

  it('filters by disabled and by scope, as a whole word', async () => {
    const names = [tick(), tick(), tick(), tick(), tick()];
    const granted = ['flt', 'fltx', 'xflt flt', 'FLT', 'f%t'];
    for (const [i, scopes] of granted.entries()) {
      await makeUser(app, names[i]!, scopes.split(' '), { disabled: i === 2 });
    }
    await sql(app, 'UPDATE users SET disabled = NULL WHERE username = ?', names[0]);
    expect(await namesBy('scope=flt')).toEqual([names[0], names[2]]);
    expect(await namesBy('scope=flt&disabled=true')).toEqual([names[2]]);
    expect(await namesBy('scope=flt&disabled=false&limit=1')).toEqual([names[0]]);
    expect(await namesBy('scope=f%25t')).toEqual([names[4]]);
    expect(await namesBy(`scope=flt&username_prefix=${names[2]}`)).toEqual([names[2]]);
    expect((await namesBy('scope=profile')).length).toBe((await namesBy('limit=200')).length);
  });

  const encode = (text: string) => Buffer.from(text).toString('base64url');
  it.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=', 'limit'],
    ['limit=1e1', 'limit'],
    ['limit=5&limit=5', 'limit'],
    ['limit[]=5', 'limit[]'],
    ['cursor=', 'cursor'],
    ['cursor=x', 'cursor'],
    [`cursor=${encode('id:x')}`, 'cursor'],
    [`cursor=${encode('id:9999999999')}`, 'cursor'],
    [`cursor=${encode('username:a')}`, 'cursor'],
    [`cursor=${encode('id:1')}&username_prefix=a`, 'cursor'],
    [`cursor=${encode('username:\0')}&username_prefix=a`, 'cursor'],
    [
      `cursor=${Buffer.from('username:\xff', 'latin1').toString('base64url')}&username_prefix=a`,
      'cursor',
    ],
    [`cursor=${encode('username:b')}&username_prefix=A`, 'cursor'],
    [`cursor=${encode('id:1')}=`, 'cursor'],
    ['username_prefix=', 'username_prefix'],
    ['username_prefix=%00', 'username_prefix'],
    [`username_prefix=${'x'.repeat(65)}`, 'username_prefix'],
    [`email_prefix=${'x'.repeat(255)}`, 'email_prefix'],
    ['username_prefix=a&email_prefix=a', 'email_prefix'],
    ['disabled=1', 'disabled'],
    ['scope=', 'scope'],
    ['scope=a%20b', 'scope'],
    ['scope=%00', 'scope'],
    ['offset=5', 'offset'],
    ['__proto__=1', '__proto__'],
    [`${'x'.repeat(4000)}=1`, 'x'.repeat(64)],
  ])('refuses %s, and names what is wrong', async (query, field) => {
    const response = await admin.send('GET', `/users?${query}`);
    expect(await fieldsNamedBy(response.clone())).toEqual([field]);
    expect(await response.json()).toMatchObject({ code: 'invalid_parameter' });
  });
});

describe('The last user who can manage users', () => {
  const last = {
    status: 409,
    title: 'Conflict',
    code: 'last_administrator',
    detail: 'No user who can log in would be left with the scope users:write',
  };

  it('cannot be deleted, disabled, or lose the scope, not even by themselves', async () => {
    const [root] = await sql<{ id: number }>(app, "SELECT id FROM users WHERE username = 'root'");
    const path = `/users/${root!.id}`;
    const before = await rowOf(root!.id);
    // Users who are disabled or not verified yet, and scopes that are nearly the same, don't count.
    await makeUser(app, tick(), ['users:write'], { disabled: true });
    const pending = await makeUser(app, tick(), ['users:write']);
    await sql(app, 'UPDATE users SET pending_until = 1 WHERE id = ?', pending);
    await makeUser(app, tick(), ['Users:Write', 'users:writex', 'xusers:write']);
    await expectProblem(await admin.send('DELETE', path), last);
    await expectProblem(await admin.send('PATCH', path, { disabled: true }), last);
    await expectProblem(await admin.send('PATCH', path, { scopes: ['users:read'] }), last);
    await expectProblem(await admin.send('PATCH', path, { scopes: [] }), last);
    expect(await rowOf(root!.id)).toEqual(before);
    expect((await admin.send('PATCH', path, { full_name: 'Root' })).status).toBe(200);
  });

  it('can be, once there is another', async () => {
    const username = tick();
    const id = await makeUser(app, username, ADMINISTRATOR);
    const other = await AdminClient.logIn(app, username);
    expect((await admin.send('DELETE', `/users/${id}`)).status).toBe(204);
    expect((await other.send('GET', '/users')).status).toBe(404);
  });
});
