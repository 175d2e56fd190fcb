import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClientsService } from '../../src/clients/clients.service.js';
import { OwnAccount, postJson, refusalOf, sendJson, signUp, tally } from '../support/accounts.js';
import { makeUser } from '../support/admin.js';
import { WITHOUT_LIMITS } from '../support/attempts.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/create-test-app.js';
import { deliveredMail, deliveredMails } from '../support/delivered-mail.js';
import { basic } from '../support/oauth.js';
import { sidOf } from '../support/sessions.js';
import { tablesOf } from '../support/schema.js';
import { sql } from '../support/sql.js';
import { outgoingRows } from '../support/test-mail.js';

const NEW_PASSWORD = 'another correct horse';
const DAY = 86_400;

let app: TestApp;

beforeAll(async () => {
  app = await createTestApp(WITHOUT_LIMITS);
});
afterAll(() => app.close());

/** Makes a user with an address, and logs in. */
async function open(username: string, email = `${username}@example.com`): Promise<OwnAccount> {
  await app.createUser({ username, email });
  return OwnAccount.logIn(app, username);
}

const rowOf = async (username: string) =>
  (await sql(app, 'SELECT * FROM users WHERE username = ?', username))[0] as Record<
    string,
    unknown
  >;
const idOf = async (username: string) => Number((await rowOf(username)).id);
const confirm = (token: string) => postJson(app, '/email-verification/confirm', { token });
const reset = (token: string, new_password = NEW_PASSWORD) =>
  postJson(app, '/password-reset/confirm', { token, new_password });
const mailsTo = async (address: string) =>
  (await deliveredMails(app)).filter(({ to }) => to === address);
const newestTo = async (address: string) => (await mailsTo(address)).at(-1)!;

const LINK_REFUSED = {
  status: 400,
  code: 'invalid_one_time_token',
  errors: { token: 'is invalid' },
};
const wrong = (field: string) => ({
  status: 403,
  code: 'incorrect_password',
  errors: { [field]: 'is incorrect' },
});

describe('What users send about themselves', () => {
  const BODIES: [string, string, Record<string, string>][] = [
    ['PATCH', '', { full_name: 'Bea' }],
    ['POST', '/password', { current_password: PASSWORD, new_password: NEW_PASSWORD }],
    ['POST', '/email', { email: 'bea2@example.com', password: PASSWORD }],
    ['DELETE', '', { password: PASSWORD }],
  ];
  let own: OwnAccount;
  let before: unknown;

  beforeAll(async () => {
    own = await open('bea');
    before = await rowOf('bea');
  });
  afterAll(async () => {
    expect(await rowOf('bea')).toEqual(before);
    expect(await outgoingRows(app)).toEqual([]);
  });

  it.each(BODIES)(
    'is refused by name in %s /users/me%s where it is not a string',
    async (...row) => {
      const [method, path, body] = row;
      for (const field of Object.keys(body)) {
        const values: unknown[] = [1, true, [], ['Bea'], {}, { $ne: '' }, null];
        for (const value of values.slice(0, field === 'full_name' ? -1 : undefined)) {
          const response = await own.send(method, path, { ...body, [field]: value });
          expect(await refusalOf(response)).toEqual({
            status: 400,
            code: 'invalid_fields',
            errors: { [field]: 'must be of type string' },
          });
        }
      }
    },
  );

  it.each(BODIES)(
    'is refused in %s /users/me%s with an extra member',
    async (method, path, body) => {
      for (const member of [
        ...['id', 'username', 'scopes', 'disabled', 'hashed_password', 'pending_until'],
        ...['email_verified', 'email_verified_at', 'constructor'],
      ]) {
        const response = await own.send(method, path, { ...body, [member]: 'x' });
        expect((await refusalOf(response)).errors).toEqual({
          [member]: 'unknown field',
        });
      }
      const text = `${JSON.stringify(body).slice(0, -1)},"__proto__":{"id":2}}`;
      const { errors } = await refusalOf(await own.send(method, path, text));
      expect(errors).toEqual({ ['__proto__']: 'unknown field' });
    },
  );

  it.each(BODIES.slice(1))('is refused in %s /users/me%s without a member', async (...row) => {
    const [method, path, body] = row;
    const { errors } = await refusalOf(await own.send(method, path, {}));
    const fields = Object.keys(body).map((field) => [field, 'is required']);
    expect(errors).toEqual(Object.fromEntries(fields));
  });

  it.each(BODIES)(
    'is refused in %s /users/me%s that is not an object, or too large',
    async (...row) => {
      const [method, path, body] = row;
      for (const text of ['', '[]', 'null', '"text"', '{']) {
        expect((await refusalOf(await own.send(method, path, text))).code).toBe('invalid_json');
      }
      const large = JSON.stringify(body).padEnd(64 * 1024 + 1);
      expect((await own.send(method, path, large)).status).toBe(413);
    },
  );

  it.each(BODIES)('is not read in %s /users/me%s without a token', async (method, path, body) => {
    for (const sent of [body, '', '{'.repeat(100_000)]) {
      const response = await sendJson(app, method, `/users/me${path}`, sent);
      expect([response.status, (await refusalOf(response)).code]).toEqual([
        401,
        'not_authenticated',
      ]);
    }
  });

  it.each([
    ['PATCH', '', { full_name: '' }, 'full_name', 'must have 1 to 255 characters'],
    ['PATCH', '', { full_name: 'B'.repeat(256) }, 'full_name', 'must have 1 to 255 characters'],
    ['PATCH', '', { full_name: 'B\r\nX: y' }, 'full_name', 'must not contain control characters'],
    ['PATCH', '', { full_name: 'B\0' }, 'full_name', 'must not contain control characters'],
    [
      ...([
        'POST',
        '/email',
        { email: 'bea@example.com\r\nBcc: x@example.com', password: PASSWORD },
      ] as const),
      ...(['email', 'must not contain control characters'] as const),
    ],
    [
      // Cyrillic а, dotless ı, and the Kelvin sign.
      ...(['POST', '/email', { email: 'be\u0430@example.com', password: PASSWORD }] as const),
      ...(['email', 'must be an address such as alex@example.com'] as const),
    ],
    [
      ...(['POST', '/email', { email: 'bea@m\u0131crosoft.com', password: PASSWORD }] as const),
      ...(['email', 'must be an address such as alex@example.com'] as const),
    ],
    [
      ...(['POST', '/email', { email: '\u212a@example.com', password: PASSWORD }] as const),
      ...(['email', 'must be an address such as alex@example.com'] as const),
    ],
  ])('is refused in %s /users/me%s for %j', async (method, path, body, field, message) => {
    const { status, errors } = await refusalOf(await own.send(method, path, body));
    expect([status, errors]).toEqual([400, { [field]: message }]);
  });
});

describe('PATCH /users/me', () => {
  it('changes the full name, and answers as GET does', async () => {
    const own = await open('patrick');
    for (const full_name of ['Patrick Ø', '😀'.repeat(255), null]) {
      const changed = await own.send('PATCH', '', { full_name });
      expect(changed.status).toBe(200);
      const text = await changed.text();
      expect(JSON.parse(text)).toEqual({
        'user data': {
          username: 'patrick',
          email: 'patrick@example.com',
          full_name,
          disabled: false,
        },
      });
      expect(await (await own.send('GET')).text()).toBe(text);
    }
  });

  it('changes nothing for an empty request', async () => {
    const own = await open('quiet');
    const before = await rowOf('quiet');
    expect((await own.send('PATCH', '', {})).status).toBe(200);
    expect(await rowOf('quiet')).toEqual(before);
  });
});

describe('POST /users/me/password', () => {
  const change = (own: OwnAccount, current_password = PASSWORD, new_password = NEW_PASSWORD) =>
    own.send('POST', '/password', { current_password, new_password });

  it('changes the password, ends every other session, and mails a notice', async () => {
    const own = await open('carl', 'Carl@Example.com');
    const others = [await OwnAccount.logIn(app, 'carl'), await OwnAccount.logIn(app, 'carl')];
    const response = await change(own);
    expect([response.status, await response.text()]).toEqual([204, '']);
    expect(await own.isLoggedIn()).toBe(true);
    for (const other of others) expect(await other.isLoggedIn()).toBe(false);
    expect((await app.login({ username: 'carl' })).status).toBe(401);
    expect((await app.login({ username: 'carl', password: NEW_PASSWORD })).status).toBe(200);
    const { to, subject, token } = await deliveredMail(app);
    expect([to, subject, token]).toEqual([
      'Carl@example.com',
      'Your password at latchkey was changed',
      '',
    ]);
  });

  it('is refused for a wrong current password, and nothing ends', async () => {
    const own = await open('dirk');
    const other = await OwnAccount.logIn(app, 'dirk');
    for (const password of ['wrong horse', '', `${PASSWORD} `, 'x'.repeat(1025), NEW_PASSWORD]) {
      expect(await refusalOf(await change(own, password))).toEqual(wrong('current_password'));
    }
    expect(await other.isLoggedIn()).toBe(true);
    expect((await app.login({ username: 'dirk' })).status).toBe(200);
  });

  it('is refused for a bad new password, which is named', async () => {
    const own = await open('emil');
    const before = await rowOf('emil');
    for (const [password, reason] of [
      ['short', 'must have at least 8 characters'],
      ['password', 'is one of the most common passwords'],
      ['emil.emil.emil', 'is too close to the username'],
      ['€'.repeat(342), 'must have at most 1024 bytes'],
    ] as const) {
      const { status, errors } = await refusalOf(await change(own, PASSWORD, password));
      expect([status, errors]).toEqual([400, { new_password: reason }]);
    }
    expect(await rowOf('emil')).toEqual(before);
  });

  it('invalidates links to choose a password, and a requested change of the address', async () => {
    const own = await open('finn');
    await postJson(app, '/password-reset', { email: 'finn@example.com' });
    const link = await newestTo('finn@example.com');
    await own.send('POST', '/email', { email: 'thief@example.com', password: PASSWORD });
    const theft = await newestTo('thief@example.com');
    expect((await change(own)).status).toBe(204);
    expect(await refusalOf(await reset(link.token))).toEqual(LINK_REFUSED);
    expect(await refusalOf(await confirm(theft.token))).toEqual(LINK_REFUSED);
    expect((await rowOf('finn')).email).toBe('finn@example.com');
  });

  it('withdraws the unsent mail for a change of the address', async () => {
    const own = await open('fred');
    await sql(
      app,
      'INSERT INTO outgoing_mails (kind, user_id, address, attempts, created_at, due_at) VALUES (?, ?, ?, 1, 1, 9e15)',
      'change_email',
      await idOf('fred'),
      'thief2@example.com',
    );
    expect((await change(own)).status).toBe(204);
    expect((await outgoingRows(app)).filter(({ kind }) => kind === 'change_email')).toEqual([]);
  });

  it('succeeds once of several at once', async () => {
    const own = await open('gwen');
    const all = ['a', 'b', 'c', 'd'].map((letter) => change(own, PASSWORD, letter.repeat(12)));
    expect(tally(await Promise.all(all))).toEqual({ 204: 1, 403: 3 });
  });

  it('mails nobody where there is no address', async () => {
    await app.createUser({ username: 'hans' });
    const before = (await deliveredMails(app)).length;
    expect((await change(await OwnAccount.logIn(app, 'hans'))).status).toBe(204);
    expect(await deliveredMails(app)).toHaveLength(before);
  });
});

describe('POST /users/me/email', () => {
  const ask = (own: OwnAccount, email: string, password = PASSWORD) =>
    own.send('POST', '/email', { email, password });

  it('takes effect once it is confirmed, and notifies the old address twice', async () => {
    const own = await open('ida');
    const response = await ask(own, 'Ida@Example.org');
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({
      detail: 'If the address is right, a mail is on its way',
    });
    const link = await newestTo('Ida@example.org');
    expect((await newestTo('ida@example.com')).subject).toBe(
      'A change of your e-mail address at latchkey',
    );
    // Until then it is the old one that counts.
    expect((await rowOf('ida')).email).toBe('ida@example.com');
    await postJson(app, '/password-reset', { email: 'Ida@Example.org' });
    await postJson(app, '/password-reset', { email: 'ida@example.com' });
    const reset_ = await newestTo('ida@example.com');
    expect(await mailsTo('Ida@example.org')).toHaveLength(1);

    expect((await confirm(link.token)).status).toBe(204);
    expect(await rowOf('ida')).toMatchObject({
      email: 'Ida@Example.org',
      email_key: 'ida@example.org',
      email_verified_at: app.clock.now(),
    });
    expect(await own.isLoggedIn()).toBe(true);
    const told = await newestTo('ida@example.com');
    expect(told.subject).toBe('Your e-mail address at latchkey was changed');
    // What was sent to the old address is no longer valid.
    expect(await refusalOf(await reset(reset_.token))).toEqual(LINK_REFUSED);
    expect(await refusalOf(await confirm(link.token))).toEqual(LINK_REFUSED);
    app.clock.advance(3600);
    const before = (await mailsTo('ida@example.com')).length;
    await postJson(app, '/password-reset', { email: 'ida@example.com' });
    expect(await mailsTo('ida@example.com')).toHaveLength(before);
  });

  it('is refused for a wrong password', async () => {
    const own = await open('jana');
    const before = (await deliveredMails(app)).length;
    expect(await refusalOf(await ask(own, 'jana@example.org', 'wrong horse'))).toEqual(
      wrong('password'),
    );
    expect(await deliveredMails(app)).toHaveLength(before);
  });

  it('accepts the newer link, and not an older one after it', async () => {
    const own = await open('kurt');
    await ask(own, 'kurt1@example.org');
    const older = await newestTo('kurt1@example.org');
    await ask(own, 'kurt2@example.org');
    // From the request on, not from when the newer mail is sent.
    expect(await refusalOf(await confirm(older.token))).toEqual(LINK_REFUSED);
    const newer = await newestTo('kurt2@example.org');
    expect(await refusalOf(await confirm(older.token))).toEqual(LINK_REFUSED);
    expect((await confirm(newer.token)).status).toBe(204);
    expect(await refusalOf(await confirm(older.token))).toEqual(LINK_REFUSED);
    expect((await rowOf('kurt')).email).toBe('kurt2@example.org');
  });

  it('withdraws the unsent mail of an older request', async () => {
    const own = await open('kira');
    await sql(
      app,
      'INSERT INTO outgoing_mails (kind, user_id, address, attempts, created_at, due_at) VALUES (?, ?, ?, 1, 1, 9e15)',
      'change_email',
      await idOf('kira'),
      'typo@example.org',
    );
    await ask(own, 'kira@example.org');
    expect((await newestTo('kira@example.org')).token).not.toBe('');
    expect(await outgoingRows(app)).toEqual([]);
  });

  it('notifies the owner of an address that is taken, and nobody else', async () => {
    const own = await open('lars');
    await open('mona', 'Mona@Example.com');
    const free = await ask(own, 'free@example.com');
    const taken = await ask(own, 'MONA@example.com');
    expect([taken.status, await taken.text()]).toEqual([free.status, await free.text()]);
    const { to, token, text } = await newestTo('Mona@example.com');
    expect([to, token]).toEqual(['Mona@example.com', '']);
    expect(text).not.toContain('lars');
  });

  it('is refused where another user got the address meanwhile', async () => {
    const own = await open('nils');
    await ask(own, 'wanted@example.com');
    const { token } = await newestTo('wanted@example.com');
    expect((await signUp(app, { username: 'faster', email: 'Wanted@example.com' })).status).toBe(
      201,
    );
    expect(await refusalOf(await confirm(token))).toEqual({
      status: 409,
      code: 'email_taken',
      errors: { email: 'is taken' },
    });
    expect((await rowOf('nils')).email).toBe('nils@example.com');
  });

  it('gives a user without an address their first', async () => {
    await app.createUser({ username: 'olaf' });
    await ask(await OwnAccount.logIn(app, 'olaf'), 'olaf@example.com');
    const mails = (await deliveredMails(app)).filter(({ text }) => text.includes('olaf'));
    expect(mails.map(({ to }) => to)).toEqual(['olaf@example.com']);
    expect((await confirm(mails[0]!.token)).status).toBe(204);
    expect((await rowOf('olaf')).email).toBe('olaf@example.com');
  });

  it('expires after 24 hours, and for a user who was disabled', async () => {
    const paula = await open('paula');
    await ask(paula, 'paula@example.org');
    const { token } = await newestTo('paula@example.org');
    await sql(app, `UPDATE users SET disabled = TRUE WHERE username = 'paula'`);
    expect(await refusalOf(await confirm(token))).toEqual(LINK_REFUSED);
    await sql(app, `UPDATE users SET disabled = FALSE WHERE username = 'paula'`);
    app.clock.advance(DAY);
    expect(await refusalOf(await confirm(token))).toEqual(LINK_REFUSED);
    expect((await rowOf('paula')).email).toBe('paula@example.com');
  });
});

describe('GET /users/me/export', () => {
  /** A credential. */
  const SECRET = Symbol('secret');
  /** Identifies the row's owner, or repeats what another column says. */
  const SAID = Symbol('said by another column');
  /** Not about a user who could ask, or about the row rather than the user. */
  const INNER = Symbol('about nobody');

  /** For every column, under which name it is exported, or why it isn't. A new one has to be put here. */
  const COLUMNS: Record<string, Record<string, string | symbol>> = {
    users: {
      ...{ id: 'id', username: 'username', full_name: 'full_name', email: 'email' },
      ...{ hashed_password: SECRET, disabled: 'disabled', username_key: SAID, email_key: SAID },
      ...{ email_verified_at: 'email_verified_at', scopes: 'scopes', created_at: 'created_at' },
      pending_until: INNER,
    },
    sessions: {
      ...{ id: 'id', user_id: SAID, client_id: 'client_id', scope: 'scope', ip: 'ip' },
      ...{ client_authenticated: 'client_authenticated', user_agent: 'user_agent' },
      ...{ created_at: 'created_at', last_used_at: 'last_used_at', rotated_at: 'rotated_at' },
      ...{ refresh_counter: 'refreshes', tokens_expire_at: 'tokens_expire_at' },
      ...{ expires_at: 'expires_at', revoked_at: 'revoked_at', revoked_reason: 'revoked_reason' },
      revoked_seq: INNER,
    },
    one_time_tokens: {
      ...{ token_hash: SECRET, purpose: 'purpose', user_id: SAID, address: 'address' },
      ...{ created_at: 'created_at', expires_at: 'expires_at' },
    },
    outgoing_mails: {
      ...{ id: INNER, kind: 'kind', user_id: SAID, address: 'address', attempts: 'attempts' },
      ...{ created_at: 'created_at', due_at: 'due_at' },
    },
    audit_entries: {
      ...{ id: INNER, time: 'time', event: 'event', outcome: 'outcome', ip: 'ip' },
      ...{ actor_kind: 'by_user', actor_id: SAID, actor: SAID, request_id: 'request_id' },
      ...{ subject_kind: 'about_user', subject_id: SAID, subject: SAID },
      ...{ reason: 'reason', details: 'details' },
    },
    mail_allowances: {
      ...{ address_key: SAID, last_at: '0', second_last_at: '1', third_last_at: '2' },
    },
  };
  const NOT_ABOUT_USERS = [
    ...['clients', 'migrations', 'released_usernames', 'revocation_counter', 'signing_keys'],
    // Names are hashed there.
    'attempt_counters',
  ];

  type Row = Record<string, unknown>;
  interface Export extends Row {
    sessions: Row[];
    links: Row[];
    mails: Row[];
    events: Row[];
    mailed_at: string[];
  }

  /** A row as the export has to show it. */
  function exported(table: string, row: Row): Row {
    const shown = Object.entries(COLUMNS[table]!).filter(([, name]) => typeof name === 'string');
    return Object.fromEntries(
      shown.map(([column, name]) => [name as string, inJson(column, row[column])]),
    );
  }

  function inJson(column: string, value: unknown): unknown {
    if (column.endsWith('_kind')) return value === 'user';
    if (column === 'details') return typeof value === 'string' ? JSON.parse(value) : {};
    if (/(_at|^time)$/.test(column) && typeof value === 'number')
      return new Date(value).toISOString();
    if (column === 'disabled' || column === 'client_authenticated') return value === 1;
    return column === 'scopes' && typeof value === 'string' ? value.split(' ') : value;
  }

  const select = (table: string, where = '1 = 1') =>
    sql<Row>(app, `SELECT * FROM ${table} WHERE ${where} ORDER BY 1`);

  it('is decided for every column of every table', async () => {
    const tables = Object.entries(await tablesOf(app)).filter(
      ([name]) => !NOT_ABOUT_USERS.includes(name),
    );
    expect(tables.map(([name]) => name).sort()).toEqual(Object.keys(COLUMNS).sort());
    for (const [name, columns] of tables) {
      expect(columns.sort()).toEqual(Object.keys(COLUMNS[name]!).sort());
    }
  });

  it('has everything that is stored about the user, and no credentials', async () => {
    const id = await makeUser(app, 'quentin', ['users:read'], {
      email: 'Quentin@example.com',
      fullName: 'Quentin Ø',
    });
    const ended = await OwnAccount.logIn(app, 'quentin');
    await ended.send('DELETE', '/sessions?current=true');
    await app.login({ username: 'quentin', client_id: 'web' }, { 'User-Agent': 'Tester/1.0' });
    await postJson(app, '/password-reset', { email: 'quentin@example.com' });
    await postJson(app, '/email-verification', { email: 'quentin@example.com' });
    const mailed = await mailsTo('Quentin@example.com');
    app.clock.advance(1);
    const own = await OwnAccount.logIn(app, 'quentin');
    const mail =
      'INSERT INTO outgoing_mails (kind, user_id, address, attempts, created_at, due_at) VALUES (?, ?, ?, 2, 1, 9e13)';
    await sql(app, mail, 'email_changed', id, 'before@example.com');
    await sql(app, mail, 'reset_password', null, 'Quentin@example.com');
    await sql(app, mail, 'reset_password', null, 'somebody@example.com');
    await sql(app, 'UPDATE users SET email_verified_at = 7 WHERE id = ?', id);

    const response = await own.send('GET', '/export');
    const text = await response.text();
    const { sessions, links, mails, events, mailed_at, has_password, ...user } = JSON.parse(
      text,
    ) as Export;
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(has_password).toBe(true);
    expect([user]).toEqual(
      (await select('users', `id = ${id}`)).map((row) => exported('users', row)),
    );
    const bySession = (a: Row, b: Row) => String(a.id).localeCompare(String(b.id));
    const stored = (await select('sessions', `user_id = ${id}`)).map((row) =>
      exported('sessions', row),
    );
    expect(sessions.sort(bySession)).toEqual(stored.sort(bySession));
    expect(sessions).toHaveLength(3);
    expect(sessions.map(({ user_agent }) => user_agent)).toContain('Tester/1.0');
    const tokens = await select('one_time_tokens', `user_id = ${id}`);
    const byPurpose = (a: Row, b: Row) => String(a.purpose).localeCompare(String(b.purpose));
    expect(links.sort(byPurpose)).toEqual(
      tokens.sort(byPurpose).map((row) => exported('one_time_tokens', row)),
    );
    expect(links).toHaveLength(2);
    const waiting = await select(
      'outgoing_mails',
      `user_id = ${id} OR address = 'Quentin@example.com'`,
    );
    expect(mails).toEqual(waiting.map((row) => exported('outgoing_mails', row)));
    expect(mails).toHaveLength(2);
    const trail = await select('audit_entries', `subject_id = ${id} OR actor_id = ${id}`);
    const byId = (a: Row, b: Row) => String(b.id).localeCompare(String(a.id));
    expect(events).toEqual(trail.sort(byId).map((row) => exported('audit_entries', row)));
    expect(events.map(({ event }) => event)).toEqual([
      ...['login_succeeded', 'login_succeeded', 'session_ended', 'login_succeeded'],
      ...['user_changed', 'user_created'],
    ]);
    const [allowance] = await select('mail_allowances', `address_key = 'quentin@example.com'`);
    const times = Object.entries(exported('mail_allowances', allowance!));
    expect(mailed_at).toEqual(times.map(([, at]) => at).slice(0, mailed.length));
    expect(mailed_at).toHaveLength(2);

    const secrets = [
      (await rowOf('quentin')).hashed_password,
      ...tokens.map((row) => row.token_hash),
    ];
    for (const secret of [...secrets, ...mailed.map((one) => one.token)]) {
      expect(String(secret)).not.toBe('');
      expect(text).not.toContain(String(secret));
    }
    await sql(app, 'DELETE FROM outgoing_mails');
  });

  it('is for the bearer of a token, and about nobody else', async () => {
    expect((await fetch(`${app.url}/users/me/export`)).status).toBe(401);
    const rosa = await open('rosa');
    const text = await (await rosa.send('GET', '/export')).text();
    expect(text).not.toContain('quentin');
    expect((JSON.parse(text) as Export).sessions).toHaveLength(1);
  });
});

describe('DELETE /users/me', () => {
  const remove = (own: OwnAccount, password = PASSWORD) => own.send('DELETE', '', { password });

  it('is refused for a wrong password', async () => {
    const own = await open('sven');
    expect(await refusalOf(await remove(own, 'wrong horse'))).toEqual(wrong('password'));
    expect(await own.isLoggedIn()).toBe(true);
  });

  it('leaves nothing of the user but what the revocation feed needs', async () => {
    const headers = { 'User-Agent': 'Tester/2.0 (of Tessa)' };
    await app.createUser({ username: 'tessa', email: 'tessa@example.com', fullName: 'Tessa T.' });
    const opened = await app.login({ username: 'tessa', client_id: 'tessas-phone' }, headers);
    const tokens = (await opened.json()) as { access_token: string; refresh_token: string };
    const own = new OwnAccount(app, tokens.access_token);
    const id = await idOf('tessa');
    await postJson(app, '/password-reset', { email: 'tessa@example.com' });
    const { token } = await newestTo('tessa@example.com');
    await own.send('POST', '/email', { email: 'tessa@example.org', password: PASSWORD });
    const change = await newestTo('tessa@example.org');
    await sql(
      app,
      `INSERT INTO outgoing_mails (kind, user_id, address, attempts, created_at, due_at) VALUES ('password_changed', ?, 'tessa@example.com', 0, 1, 9e15)`,
      id,
    );

    const response = await remove(own);
    expect([response.status, await response.text()]).toEqual([204, '']);
    expect(await own.isLoggedIn()).toBe(false);
    expect((await app.login({ username: 'tessa' })).status).toBe(401);
    expect(await refusalOf(await reset(token))).toEqual(LINK_REFUSED);
    expect(await refusalOf(await confirm(change.token))).toEqual(LINK_REFUSED);
    const sid = sidOf(tokens);
    expect(await sql(app, 'SELECT * FROM sessions WHERE id = ?', sid)).toEqual([
      expect.objectContaining({
        ...{ user_id: null, ip: null, user_agent: null, client_id: null },
        revoked_reason: 'user_deleted',
      }),
    ]);
    for (const [table, column] of [
      ['users', 'id'],
      ['sessions', 'user_id'],
      ['one_time_tokens', 'user_id'],
      ['outgoing_mails', 'user_id'],
    ] as const) {
      expect(await sql(app, `SELECT * FROM ${table} WHERE ${column} = ?`, id)).toEqual([]);
    }
    const { secret } = await app.app.get(ClientsService).create('api');
    const feed = await fetch(`${app.url}/revocations`, { headers: basic('api', secret) });
    const { revoked } = (await feed.json()) as { revoked: { sid: string }[] };
    expect(revoked.map((one) => one.sid)).toContain(sid);
  });

  it('frees the address at once', async () => {
    const own = await open('ulla');
    expect((await remove(own)).status).toBe(204);
    const again = { username: 'ulla2', email: 'ulla@example.com' };
    expect((await signUp(app, again)).status).toBe(201);
  });

  it('succeeds once of several at once', async () => {
    const own = await open('vito');
    const answers = await Promise.all([1, 2, 3].map(() => remove(own)));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(answers.every(({ status }) => status < 500)).toBe(true);
  });

  it('is refused to the last administrator, until there is another', async () => {
    const form = { scope: 'users:write' };
    await makeUser(app, 'wanda', ['users:write']);
    const wanda = await OwnAccount.logIn(app, 'wanda');
    expect(await refusalOf(await remove(wanda))).toMatchObject({
      status: 409,
      code: 'last_administrator',
    });
    expect(await wanda.isLoggedIn()).toBe(true);
    await makeUser(app, 'disabled-one', ['users:write'], { disabled: true });
    expect((await remove(wanda)).status).toBe(409);
    await makeUser(app, 'xaver', ['users:write']);
    expect((await remove(wanda)).status).toBe(204);
    expect((await app.login({ username: 'xaver', ...form })).status).toBe(200);
  });

  it('leaves one of two administrators who delete themselves at once', async () => {
    await makeUser(app, 'yara', ['users:write']);
    await sql(app, `DELETE FROM users WHERE username = 'xaver'`);
    await makeUser(app, 'zeno', ['users:write']);
    const both = [await OwnAccount.logIn(app, 'yara'), await OwnAccount.logIn(app, 'zeno')];
    expect(tally(await Promise.all(both.map((own) => remove(own))))).toEqual({ 204: 1, 409: 1 });
  });
});
