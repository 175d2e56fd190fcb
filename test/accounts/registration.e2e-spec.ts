import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Sweeper } from '../../src/database/sweeper.js';
import { OneTimeTokensService } from '../../src/one-time-tokens/one-time-tokens.service.js';
import {
  lastingPartOf,
  OwnAccount,
  postJson,
  refusalOf,
  signUp,
  tally,
} from '../support/accounts.js';
import { bcryptWork } from '../support/bcrypt-work.js';
import { createTestApp, PASSWORD, type TestApp, TEST_COST } from '../support/create-test-app.js';
import { deliveredMail, deliveredMails } from '../support/delivered-mail.js';
import { sql } from '../support/sql.js';
import { outgoingRows } from '../support/test-mail.js';

const HOUR = 3600;
const DAY = 86_400;

const usernames = async (app: TestApp) =>
  (await sql<{ username: string }>(app, 'SELECT username FROM users ORDER BY id')).map(
    ({ username }) => username,
  );

const TAKEN = { status: 409, code: 'username_taken', errors: { username: 'is taken' } };

describe('Signing up where anyone may', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp();
  });
  afterAll(() => app.close());

  const register = (body: Record<string, unknown>) => signUp(app, body);
  const confirm = (token: string) => postJson(app, '/email-verification/confirm', { token });

  it('answers with the profile, and the user can log in at once', async () => {
    const response = await register({
      username: 'zoe\u0301',
      email: 'Zoe@Example.com',
      full_name: 'Zoé Ærø',
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).toBe(
      '{"username":"zo\u00e9","email":"Zoe@Example.com","full_name":"Zoé Ærø","disabled":false}',
    );
    expect((await app.login({ username: 'zo\u00e9' })).status).toBe(200);
  });

  it('accepts a name and a password alone, and sends no mail then', async () => {
    const before = (await deliveredMails(app)).length;
    const response = await register({ username: 'plain' });
    expect(await response.json()).toEqual({
      username: 'plain',
      email: null,
      full_name: null,
      disabled: false,
    });
    expect(await deliveredMails(app)).toHaveLength(before);
  });

  it('mails a link to the address, which verifies it', async () => {
    await register({ username: 'vera', email: 'Vera@Example.com' });
    const { to, token } = await deliveredMail(app);
    expect(to).toBe('Vera@example.com');
    const verifiedAt = () =>
      sql(app, `SELECT email_verified_at AS at FROM users WHERE username = 'vera'`);
    expect(await verifiedAt()).toEqual([{ at: null }]);
    expect((await confirm(token)).status).toBe(204);
    expect(await verifiedAt()).toEqual([{ at: app.clock.now() }]);
  });

  it.each([
    ['dora', 'Dora', 'DORA', 'ｄora', 'do\u{1d42b}a'],
    ['andr\u00e9', 'andre\u0301', 'ANDR\u00c9'],
    ['wei\u00df', 'weiss', 'WEISS', 'WEI\u1e9e'],
    ['kim', 'K\u0131m', 'K\u0130M'.normalize('NFC').replace('\u0130', 'I'), '\u212aim'],
  ])('refuses a name that could be taken for another: %j', async (first, ...others) => {
    expect((await register({ username: first })).status).toBe(201);
    for (const username of [first, ...others]) {
      expect(await refusalOf(await register({ username }))).toEqual(TAKEN);
    }
  });

  it('refuses the name of a deleted user while a token of theirs could live', async () => {
    await register({ username: 'gone' });
    const own = await OwnAccount.logIn(app, 'gone');
    expect((await own.send('DELETE', '', { password: PASSWORD })).status).toBe(204);
    const longest = 15 * 60 + 2 * 5;
    app.clock.advance(longest - 0.001);
    for (const username of ['gone', 'GONE', 'ｇone']) {
      expect(await refusalOf(await register({ username }))).toEqual(TAKEN);
    }
    app.clock.advance(0.001);
    expect((await register({ username: 'Gone' })).status).toBe(201);
    expect((await own.send('GET')).status).toBe(401);
  });

  it('refuses an address that another user has, in letters of any case', async () => {
    expect((await register({ username: 'mary', email: 'Mary@Example.com' })).status).toBe(201);
    for (const email of ['Mary@Example.com', 'mary@example.com', 'MARY@EXAMPLE.COM']) {
      expect(await refusalOf(await register({ username: 'mary2', email }))).toEqual({
        status: 409,
        code: 'email_taken',
        errors: { email: 'is taken' },
      });
    }
    expect(await usernames(app)).not.toContain('mary2');
  });

  it.each([
    'admin',
    'Admin',
    'ＡＤＭＩＮ',
    'adm\u0131n',
    'ROOT',
    'no-reply',
    'LatchKey',
    '\u017fupport',
  ])('refuses the reserved name %j', async (username) => {
    expect(await refusalOf(await register({ username }))).toEqual({
      status: 400,
      code: 'invalid_fields',
      errors: { username: 'is reserved' },
    });
  });

  it.each([
    ['x'.repeat(7), 'must have at least 8 characters'],
    ['😀'.repeat(7), 'must have at least 8 characters'],
    ['€'.repeat(342), 'must have at most 1024 bytes'],
    ['x'.repeat(4097), 'must have at most 4096 characters'],
    ['password1', 'is one of the most common passwords'],
    ['QWERTYUIOP', 'is one of the most common passwords'],
    ['p0licyholder!', 'is too close to the username'],
    ['redlohycilop', 'is too close to the username'],
    ['the.local.part1', 'is too close to the e-mail address'],
    ['L@tchKey2030', 'is too close to the name of the service'],
    ['half of it: \ud83d', 'must have whole characters only'],
  ])('refuses the password %j and says why', async (password, reason) => {
    const user = { username: 'policyholder', email: 'the.local.part@example.com' };
    expect(await refusalOf(await register({ ...user, password }))).toEqual({
      status: 400,
      code: 'invalid_fields',
      errors: { password: reason },
    });
  });

  it.each([
    'x'.repeat(1023) + '1',
    ' leading and trailing ',
    'with a NUL \0 in it',
    '😀🦑🐙🦀🐚🐳🐬🐟',
  ])('accepts the password %j as it is', async (password) => {
    const username = `taker${password.length}`;
    expect((await register({ username, password })).status).toBe(201);
    expect((await app.login({ username, password })).status).toBe(200);
    expect((await app.login({ username, password: password.trim() })).status).toBe(
      password.trim() === password ? 200 : 401,
    );
  });

  it('has one winner of 20 requests for a name at once in case and width variants, and one hash', async () => {
    await deliveredMails(app);
    const spellings = ['racer', 'Racer', 'RACER', 'ｒacer', 'ＲＡＣＥＲ'];
    let answers: Response[] = [];
    const work = await bcryptWork(async () => {
      const all = Array.from({ length: 20 }, (_, n) =>
        register({ username: spellings[n % spellings.length], email: `racer${n}@example.com` }),
      );
      answers = await Promise.all(all);
    });
    expect(tally(answers)).toEqual({ 201: 1, 409: 19 });
    expect(work).toBe(2 ** TEST_COST);
    const racers = (await usernames(app)).filter(
      (name) => name.normalize('NFKC').toLowerCase() === 'racer',
    );
    expect(racers).toHaveLength(1);
    expect((await outgoingRows(app)).length).toBeLessThanOrEqual(1);
  });

  it('has one winner of six requests for an address at once', async () => {
    const all = Array.from({ length: 6 }, (_, n) =>
      register({
        username: `sharer${n}`,
        email: n % 2 ? 'Share@example.com' : 'share@example.com',
      }),
    );
    expect(tally(await Promise.all(all))).toEqual({ 201: 1, 409: 5 });
  });
});

describe('The body of a sign-up', () => {
  let app: TestApp;
  const good = {
    username: 'good',
    password: PASSWORD,
    email: 'good@example.com',
    full_name: 'Good',
  };

  beforeAll(async () => {
    app = await createTestApp();
  });
  afterAll(async () => {
    // None of all that was accepted in part.
    expect(await usernames(app)).toEqual([
      'good',
      'g'.repeat(64),
      'longest-email',
      'longest-name',
      'kib',
    ]);
    return app.close();
  });

  const rest = (member: string) =>
    Object.fromEntries(Object.entries(good).filter(([name]) => name !== member));

  it('is stored as it is', async () => {
    expect((await signUp(app, good)).status).toBe(201);
  });

  const TEXTS = ['username', 'password', 'email', 'full_name'];
  const NO_TEXTS: unknown[] = [
    null,
    1,
    true,
    [],
    ['good'],
    {},
    { $gt: '' },
    [['good']],
    { toString: 'good' },
  ];

  it.each(TEXTS)('is refused by name for a %s that is not a string', async (member) => {
    for (const value of NO_TEXTS) {
      const body = { ...good, username: 'other', email: 'other@example.com', [member]: value };
      expect(await refusalOf(await signUp(app, body))).toEqual({
        status: 400,
        code: 'invalid_fields',
        errors: { [member]: 'must be of type string' },
      });
    }
  });

  it.each(['username', 'password'])('is refused without a %s', async (member) => {
    expect(await refusalOf(await postJson(app, '/users', rest(member)))).toEqual({
      status: 400,
      code: 'invalid_fields',
      errors: { [member]: 'is required' },
    });
  });

  const LETTERS_ONLY = 'must have letters, digits and the characters . _ - @ + only';
  const ADDRESS = 'must be an address such as alex@example.com';
  const CONTROL = 'must not contain control characters';
  const TURNING = 'must not contain bidirectional control characters';

  it.each([
    ['username', '', 'must have 1 to 64 characters'],
    ['username', 'g'.repeat(65), 'must have 1 to 64 characters'],
    ['username', 'two words', LETTERS_ONLY],
    ['username', 'good\r\nBcc: all@example.com', LETTERS_ONLY],
    ['username', 'go\0od', LETTERS_ONLY],
    ['username', 'go\u202eod', LETTERS_ONLY],
    ['username', 'go\u200dod', LETTERS_ONLY],
    ['username', '<b>', LETTERS_ONLY],
    ['username', '../good', LETTERS_ONLY],
    ['username', 'client:good', 'must not begin with client:'],
    ['username', 'CLIENT:good', 'must not begin with client:'],
    ['email', '', ADDRESS],
    ['email', 'good', ADDRESS],
    ['email', 'good@localhost', ADDRESS],
    ['email', 'good@exa mple.com', ADDRESS],
    ['email', 'good@example.com, all@example.com', ADDRESS],
    ['email', 'Good <good@example.com>', ADDRESS],
    ['email', '"good"@example.com', ADDRESS],
    ['email', 'good@[127.0.0.1]', ADDRESS],
    ['email', 'g\u00f6\u00f6d@example.com', ADDRESS],
    ['email', 'good@ex\u0430mple.com', ADDRESS],
    ['email', 'good@example.com\r\nBcc: all@example.com', CONTROL],
    ['email', 'good@example.com\0', CONTROL],
    ['email', '\u202egood@example.com', TURNING],
    ['email', `${'g'.repeat(65)}@example.com`, ADDRESS],
    [
      'email',
      `${'g'.repeat(64)}@${'d'.repeat(63)}.${'d'.repeat(63)}.${'d'.repeat(58)}.com`,
      'must have at most 254 characters',
    ],
    ['full_name', '', 'must have 1 to 255 characters'],
    ['full_name', 'g'.repeat(256), 'must have 1 to 255 characters'],
    ['full_name', 'Good\r\nBcc: all@example.com', CONTROL],
    ['full_name', 'Go\0od', CONTROL],
    ['full_name', 'Go\u2028od', CONTROL],
    ['full_name', '\u2066Good', TURNING],
    ['invitation', '', 'must not be empty'],
    ['invitation', 'i'.repeat(257), 'is invalid'],
  ])('is refused for the %s %j', async (member, value, message) => {
    const body = { ...good, username: 'other', email: 'other@example.com', [member]: value };
    const { status, errors } = await refusalOf(await signUp(app, body));
    expect([status, errors[member]]).toEqual([400, message]);
    expect(Object.keys(errors)).toEqual([member]);
  });

  it.each(['g', 'a\u0315\u0300', '\ufdfa'])(
    'is refused for a very long username of %j before its normal form is made',
    async (sign) => {
      const username = sign.repeat(10_000);
      const { errors } = await refusalOf(await signUp(app, { ...good, username }));
      expect(errors).toEqual({ username: 'must have 1 to 64 characters' });
    },
  );

  it('is accepted at the limits', async () => {
    const longest = `${'e'.repeat(64)}@${'d'.repeat(63)}.${'d'.repeat(63)}.${'d'.repeat(57)}.com`;
    expect(longest).toHaveLength(254);
    expect((await signUp(app, { username: 'g'.repeat(64) })).status).toBe(201);
    expect((await signUp(app, { username: 'longest-email', email: longest })).status).toBe(201);
    const longestName = { username: 'longest-name', full_name: '😀'.repeat(255) };
    expect((await signUp(app, longestName)).status).toBe(201);
  });

  it.each([
    ...['id', 'scopes', 'scope', 'disabled', 'hashed_password', 'hashedPassword', 'pending_until'],
    ...[
      'email_verified',
      'email_verified_at',
      'username_key',
      'created_at',
      'constructor',
      'toString',
    ],
  ])('is refused for the member %s, which a client may not set', async (member) => {
    for (const value of [1, true, null, 'users:write', ['users:write']]) {
      const body = { ...good, username: 'other', email: 'other@example.com', [member]: value };
      expect(await refusalOf(await signUp(app, body))).toEqual({
        status: 400,
        code: 'invalid_fields',
        errors: { [member]: 'unknown field' },
      });
    }
  });

  it('is refused for __proto__, which changes nothing', async () => {
    const text = `{"username":"other","password":"${PASSWORD}","__proto__":{"disabled":true,"scopes":"users:write"}}`;
    expect(await refusalOf(await postJson(app, '/users', text))).toEqual({
      status: 400,
      code: 'invalid_fields',
      errors: { ['__proto__']: 'unknown field' },
    });
    expect(({} as Record<string, unknown>).disabled).toBeUndefined();
  });

  it('names all that is wrong at once, and no more than 20 of it', async () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`x${n}`, n]));
    const two = await refusalOf(await postJson(app, '/users', { username: 1, email: 2 }));
    expect(Object.keys(two.errors).sort()).toEqual(['email', 'password', 'username']);
    const { errors } = await refusalOf(await signUp(app, { ...many, ['y'.repeat(1000)]: 1 }));
    expect(Object.keys(errors)).toHaveLength(20);
  });

  it.each([
    '',
    ' ',
    '{',
    'null',
    '[]',
    '[{}]',
    '"text"',
    '1',
    '{"username":"other",}',
    '\ufeff{}',
    'username=other',
  ])('is refused where the body is %j', async (body) => {
    const { status, code } = await refusalOf(await postJson(app, '/users', body));
    expect([status, code]).toEqual([400, 'invalid_json']);
  });

  it('may have 64 KiB and not a byte more', async () => {
    const body = JSON.stringify({ ...good, username: 'kib', email: 'kib@example.com' });
    const kib = body.padEnd(64 * 1024);
    expect((await postJson(app, '/users', kib)).status).toBe(201);
    expect((await postJson(app, '/users', `${kib} `)).status).toBe(413);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=latin1',
    'application/json, text/plain',
    'application/json, application/json',
    'application/jsonp',
    'application/json; charset=utf-8; charset=latin1',
  ])('is refused as %s', async (type) => {
    const response = await postJson(
      app,
      '/users',
      { ...good, username: 'other' },
      { 'Content-Type': type },
    );
    expect([response.status, (await refusalOf(response)).code]).toEqual([
      415,
      'unsupported_media_type',
    ]);
  });

  it('is refused where it is not UTF-8', async () => {
    const response = await fetch(`${app.url}/users`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: Buffer.from(JSON.stringify({ ...good, full_name: 'Gööd' }), 'latin1'),
    });
    expect((await refusalOf(response)).code).toBe('invalid_json');
  });
});

describe('Signing up where it is closed', () => {
  it.each([
    ['in production, by default', { NODE_ENV: 'production' }, 403],
    ['where it is configured', { REGISTRATION: 'closed' }, 403],
    ['in production, where it was opened', { NODE_ENV: 'production', REGISTRATION: 'open' }, 201],
  ])('%s', async (_, environment, status) => {
    const app = await createTestApp(environment);
    try {
      const response = await signUp(app, { username: 'somebody', invitation: 'x'.repeat(43) });
      expect(response.status).toBe(status);
      if (status === 403) expect((await refusalOf(response)).code).toBe('registration_closed');
      expect(await usernames(app)).toHaveLength(status === 403 ? 0 : 1);
    } finally {
      await app.close();
    }
  });
});

describe('Signing up by invitation', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp({ REGISTRATION: 'invite' });
    await app.createUser({ email: 'alex@example.com' });
  });
  afterAll(() => app.close());

  const invite = async () => (await app.app.get(OneTimeTokensService).invite()).invitation;
  const REFUSED = {
    status: 403,
    code: 'invitation_required',
    errors: { invitation: 'is invalid' },
  };

  it('needs an invitation, which is valid once', async () => {
    const invitation = await invite();
    expect(await refusalOf(await signUp(app, { username: 'guest' }))).toEqual(REFUSED);
    expect((await signUp(app, { username: 'guest', invitation })).status).toBe(201);
    expect(await refusalOf(await signUp(app, { username: 'guest2', invitation }))).toEqual(REFUSED);
    expect((await app.login({ username: 'guest' })).status).toBe(200);
  });

  it('reveals without one neither which names are taken nor which passwords are bad', async () => {
    for (const body of [
      { username: 'alex' },
      { username: 'admin' },
      { username: 'x', password: 'x' },
    ]) {
      expect(await refusalOf(await signUp(app, body))).toEqual(REFUSED);
    }
  });

  it('keeps an invitation valid whose sign-up was refused', async () => {
    const invitation = await invite();
    for (const body of [
      { username: 'alex' },
      { username: 'new', password: 'x' },
      { username: 'admin' },
      { username: 'new', email: 'ALEX@example.com' },
    ]) {
      expect((await signUp(app, { ...body, invitation })).status).toBeGreaterThanOrEqual(400);
    }
    expect((await signUp(app, { username: 'new', invitation })).status).toBe(201);
  });

  it('makes one account of 20 uses at once', async () => {
    const invitation = await invite();
    const before = (await usernames(app)).length;
    const all = () =>
      Array.from({ length: 20 }, (_, n) => signUp(app, { username: `crowd${n}`, invitation }));
    let answers: Response[] = [];
    const work = await bcryptWork(async () => void (answers = await Promise.all(all())));
    expect(tally(answers)).toEqual({ 201: 1, 403: 19 });
    expect(work).toBe(2 ** TEST_COST);
    expect(await usernames(app)).toHaveLength(before + 1);
  });

  it('is refused after 7 days', async () => {
    const [early, late] = [await invite(), await invite()];
    app.clock.advance(7 * DAY - 0.001);
    expect((await signUp(app, { username: 'early', invitation: early })).status).toBe(201);
    app.clock.advance(0.001);
    expect(await refusalOf(await signUp(app, { username: 'late', invitation: late }))).toEqual(
      REFUSED,
    );
  });

  it('accepts no token of a mailed link, and such links accept no invitation', async () => {
    const invitation = await invite();
    await postJson(app, '/password-reset', { email: 'alex@example.com' });
    const { token } = await deliveredMail(app);
    expect(await refusalOf(await signUp(app, { username: 'x', invitation: token }))).toEqual(
      REFUSED,
    );
    const new_password = 'another correct horse';
    for (const response of [
      await postJson(app, '/password-reset/confirm', { token: invitation, new_password }),
      await postJson(app, '/email-verification/confirm', { token: invitation }),
    ]) {
      expect(await refusalOf(response)).toMatchObject({
        status: 400,
        code: 'invalid_one_time_token',
      });
    }
    expect((await postJson(app, '/password-reset/confirm', { token, new_password })).status).toBe(
      204,
    );
    expect((await signUp(app, { username: 'xenia', invitation })).status).toBe(201);
  });
});

describe('Signing up where the address has to be verified', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp({ EMAIL_VERIFICATION: 'required' });
    await app.createUser({ email: 'Alex@Example.com' });
  });
  afterAll(() => app.close());

  const confirm = (token: string) => postJson(app, '/email-verification/confirm', { token });
  const loginAnswer = async (username: string) => lastingPartOf(await app.login({ username }));

  it('answers 202, and lets the user in once the link was followed', async () => {
    const response = await signUp(app, { username: 'nora', email: 'Nora@example.com' });
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({
      detail: 'If the address is right, a mail is on its way',
    });
    const refused = await app.login({ username: 'nora' });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe('Bearer');
    expect(await refused.json()).toEqual({
      error: 'invalid_grant',
      error_description: 'E-mail address not verified',
      detail: 'E-mail address not verified',
    });
    expect((await app.login({ username: 'nora', password: 'wrong horse' })).status).toBe(401);
    const { to, token } = await deliveredMail(app);
    expect(to).toBe('Nora@example.com');
    expect((await confirm(token)).status).toBe(204);
    const profile = await app.readProfile(await app.accessToken({ username: 'nora' }));
    expect(await profile.json()).toMatchObject({ 'user data': { email: 'Nora@example.com' } });
    app.clock.advance(2 * DAY);
    await app.app.get(Sweeper).sweep();
    expect((await app.login({ username: 'nora' })).status).toBe(200);
  });

  it('is refused without an address', async () => {
    expect(await refusalOf(await signUp(app, { username: 'none' }))).toEqual({
      status: 400,
      code: 'invalid_fields',
      errors: { email: 'is required' },
    });
  });

  it('writes to the owner of an address that is known, and takes the name all the same', async () => {
    for (const [username, email] of [
      ['finder', 'alex@example.COM'],
      ['seeker', 'seeker@example.com'],
    ] as const) {
      expect((await signUp(app, { username, email })).status).toBe(202);
      expect(await refusalOf(await signUp(app, { username, email }))).toEqual(TAKEN);
    }
    const mails = (await deliveredMails(app)).slice(-2);
    expect(mails.map(({ to, token }) => [to, token !== ''])).toEqual([
      // The stored address, not the one that was entered.
      ['Alex@example.com', false],
      ['seeker@example.com', true],
    ]);
    expect(mails[0]!.subject).toBe('You have an account at latchkey already');
    expect(mails[0]!.text).toContain('the username alex');
    expect(`${mails[0]!.text}${mails[0]!.html}`).not.toContain('finder');
    expect(await loginAnswer('finder')).toBe(await loginAnswer('seeker'));
    for (const username of ['finder', 'seeker']) {
      const wrong = await app.login({ username, password: 'wrong horse' });
      expect(((await wrong.json()) as { detail: string }).detail).toBe(
        'Incorrect username or password',
      );
    }
  });

  it('sends the link again to a user who has not followed it', async () => {
    await signUp(app, { username: 'twice', email: 'twice@example.com' });
    const first = await deliveredMail(app);
    await postJson(app, '/email-verification', { email: 'twice@example.com' });
    const second = await deliveredMail(app);
    expect([second.to, second.subject]).toEqual([first.to, first.subject]);
    expect((await confirm(first.token)).status).toBe(400);
    expect((await confirm(second.token)).status).toBe(204);
    expect((await app.login({ username: 'twice' })).status).toBe(200);
  });

  it('forgets a sign-up whose link nobody followed for 24 hours', async () => {
    await signUp(app, { username: 'idle', email: 'idle@example.com' });
    await signUp(app, { username: 'idle2', email: 'alex@example.com' });
    const { token } = (await deliveredMails(app)).findLast(({ to }) => to === 'idle@example.com')!;
    app.clock.advance(DAY - 0.001);
    await app.app.get(Sweeper).sweep();
    expect(
      await refusalOf(await signUp(app, { username: 'idle', email: 'x@example.com' })),
    ).toEqual(TAKEN);
    app.clock.advance(0.001);
    await app.app.get(Sweeper).sweep();
    expect(await usernames(app)).toEqual(expect.not.arrayContaining(['idle', 'idle2']));
    expect((await confirm(token)).status).toBe(400);
    expect((await signUp(app, { username: 'idle', email: 'idle@example.com' })).status).toBe(202);
    expect((await signUp(app, { username: 'idle2', email: 'idle2@example.com' })).status).toBe(202);
  });

  it('gives an address to the user who confirms first', async () => {
    await signUp(app, { username: 'first', email: 'both@example.com' });
    const first = await deliveredMail(app);
    await signUp(app, { username: 'second', email: 'BOTH@example.com' });
    const second = await deliveredMail(app);
    expect((await confirm(second.token)).status).toBe(204);
    expect(await refusalOf(await confirm(first.token))).toEqual({
      status: 409,
      code: 'email_taken',
      errors: { email: 'is taken' },
    });
    expect((await app.login({ username: 'second' })).status).toBe(200);
    expect((await app.login({ username: 'first' })).status).toBe(401);
  });

  it('gives an address to one of several who confirm at once', async () => {
    const tokens: string[] = [];
    for (const username of ['left', 'right', 'middle']) {
      await signUp(app, { username, email: 'shared@example.com' });
      tokens.push((await deliveredMail(app)).token);
    }
    expect(tally(await Promise.all(tokens.map(confirm)))).toEqual({ 204: 1, 409: 2 });
  });

  it('sends an address no more than 3 mails an hour, and answers the same', async () => {
    const answers: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      const response = await signUp(app, { username: `flood${n}`, email: 'flood@example.com' });
      answers.push(await lastingPartOf(response));
    }
    expect(new Set(answers).size).toBe(1);
    const mails = (await deliveredMails(app)).filter(({ to }) => to === 'flood@example.com');
    expect(mails).toHaveLength(3);
    app.clock.advance(HOUR);
    await postJson(app, '/email-verification', { email: 'flood@example.com' });
    expect((await deliveredMail(app)).to).toBe('flood@example.com');
  });
});
