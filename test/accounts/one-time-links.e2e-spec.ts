import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { OwnAccount, postJson, refusalOf, signUp, storedForm, tally } from '../support/accounts.js';
import { adoptUser } from '../support/adopt-user.js';
import { bcryptWork } from '../support/bcrypt-work.js';
import { createTestApp, PASSWORD, type TestApp, TEST_COST } from '../support/create-test-app.js';
import { deliveredMail, deliveredMails } from '../support/delivered-mail.js';
import { sendRaw } from '../support/raw-http.js';
import { storedBytes } from '../support/schema.js';
import { sql } from '../support/sql.js';
import { textsWithNul } from '../support/test-database.js';
import { outgoingRows } from '../support/test-mail.js';

const NEW_PASSWORD = 'another correct horse';
const APP_URL = 'https://app.example.com/account';
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let app: TestApp;

beforeAll(async () => {
  app = await createTestApp({ APP_URL });
});
afterAll(() => app.close());
// So that no address has used up its mails of the hour.
beforeEach(() => app.clock.advance(HOUR));

const askReset = (email: unknown) => postJson(app, '/password-reset', { email });
const askVerification = (email: unknown) => postJson(app, '/email-verification', { email });
const reset = (token: unknown, new_password: unknown = NEW_PASSWORD) =>
  postJson(app, '/password-reset/confirm', { token, new_password });
const confirm = (token: unknown) => postJson(app, '/email-verification/confirm', { token });
const canLogIn = async (username: string, password: string) =>
  (await app.login({ username, password })).status === 200;

let count = 0;
/** Makes a user with an address. @returns the name */
async function newUser(prefix = 'user'): Promise<string> {
  const username = `${prefix}-${String((count += 1)).padStart(3, '0')}`;
  await app.createUser({ username, email: `${username}@example.com` });
  return username;
}

/** Asks for a link and reads the mail. @returns the token in it */
async function resetToken(username: string): Promise<string> {
  await askReset(`${username}@example.com`);
  const { to, token } = await deliveredMail(app);
  expect(to).toBe(`${username}@example.com`);
  return token;
}

async function verificationToken(username: string): Promise<string> {
  await askVerification(`${username}@example.com`);
  const { to, token } = await deliveredMail(app);
  expect(to).toBe(`${username}@example.com`);
  return token;
}

/** Runs something and returns the resulting mails. */
async function mailsOf(work: () => Promise<unknown>) {
  const before = (await deliveredMails(app)).length;
  await work();
  return (await deliveredMails(app)).slice(before);
}

const REFUSED = { status: 400, code: 'invalid_one_time_token', errors: { token: 'is invalid' } };

describe('A link for a new password', () => {
  it('sets it, ends every session, and logs nobody in', async () => {
    const username = await newUser();
    const own = await OwnAccount.logIn(app, username);
    const response = await reset(await resetToken(username));
    expect([response.status, await response.text()]).toEqual([204, '']);
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await own.isLoggedIn()).toBe(false);
    expect(await canLogIn(username, PASSWORD)).toBe(false);
    expect(await canLogIn(username, NEW_PASSWORD)).toBe(true);
    expect((await deliveredMail(app)).subject).toBe('Your password at latchkey was changed');
    // The link proves access to the mailbox.
    const verified = await sql(
      app,
      'SELECT email_verified_at AS at FROM users WHERE username = ?',
      username,
    );
    expect(verified).toEqual([{ at: app.clock.now() }]);
  });

  it('is valid for 30 minutes', async () => {
    const [early, late] = [await newUser(), await newUser()];
    const tokens = [await resetToken(early), await resetToken(late)];
    app.clock.advance(30 * MINUTE - 0.001);
    expect((await reset(tokens[0])).status).toBe(204);
    app.clock.advance(0.001);
    expect(await refusalOf(await reset(tokens[1]))).toEqual(REFUSED);
    expect(await canLogIn(late, PASSWORD)).toBe(true);
  });

  it('is valid once', async () => {
    const username = await newUser();
    const token = await resetToken(username);
    expect((await reset(token)).status).toBe(204);
    expect(await refusalOf(await reset(token, 'yet another horse'))).toEqual(REFUSED);
    expect(await canLogIn(username, NEW_PASSWORD)).toBe(true);
  });

  it('is accepted once of 20 at once, and one hash is computed', async () => {
    const token = await resetToken(await newUser());
    let answers: Response[] = [];
    const work = await bcryptWork(async () => {
      answers = await Promise.all(Array.from({ length: 20 }, () => reset(token)));
    });
    expect(tally(answers)).toEqual({ 204: 1, 400: 19 });
    expect(work).toBe(2 ** TEST_COST);
  });

  it('is superseded by a newer one', async () => {
    const username = await newUser();
    const older = await resetToken(username);
    const newer = await resetToken(username);
    expect(await refusalOf(await reset(older))).toEqual(REFUSED);
    expect((await reset(newer)).status).toBe(204);
    expect(await refusalOf(await reset(older))).toEqual(REFUSED);
  });

  it('stays valid where the new password is refused', async () => {
    const username = await newUser();
    const token = await resetToken(username);
    for (const [password, reason] of [
      ['short', 'must have at least 8 characters'],
      ['password', 'is one of the most common passwords'],
      [`${username}!`, 'is too close to the username'],
      ['€'.repeat(342), 'must have at most 1024 bytes'],
    ] as const) {
      const { status, errors } = await refusalOf(await reset(token, password));
      expect([status, errors]).toEqual([400, { new_password: reason }]);
    }
    expect(await refusalOf(await reset(token, 1))).toMatchObject({ code: 'invalid_fields' });
    expect(await canLogIn(username, PASSWORD)).toBe(true);
    expect((await reset(token)).status).toBe(204);
  });

  it('reveals nothing about passwords without a valid one', async () => {
    const refused = await refusalOf(await reset('x'.repeat(43), 'short'));
    expect(refused).toEqual(REFUSED);
    expect(await bcryptWork(() => reset('x'.repeat(43)))).toBe(0);
  });

  it('is valid for the address it was sent to, as long as that is the user’s', async () => {
    const username = await newUser();
    const token = await resetToken(username);
    await sql(
      app,
      `UPDATE users SET email = 'new-${username}@example.com', email_key = 'new-${username}@example.com' WHERE username = ?`,
      username,
    );
    expect(await refusalOf(await reset(token))).toEqual(REFUSED);
    expect(await canLogIn(username, PASSWORD)).toBe(true);
  });

  it('is not sent to disabled users, and not valid for them', async () => {
    const username = await newUser();
    const token = await resetToken(username);
    await sql(app, 'UPDATE users SET disabled = TRUE WHERE username = ?', username);
    expect(await mailsOf(() => askReset(`${username}@example.com`))).toEqual([]);
    expect(await refusalOf(await reset(token))).toEqual(REFUSED);
    await sql(app, 'UPDATE users SET disabled = FALSE WHERE username = ?', username);
    expect(await canLogIn(username, PASSWORD)).toBe(true);
  });

  it('is valid for no other user, nor for one who is gone', async () => {
    const [one, other] = [await newUser(), await newUser()];
    const token = await resetToken(one);
    await sql(app, 'DELETE FROM users WHERE username = ?', one);
    expect(await refusalOf(await reset(token))).toEqual(REFUSED);
    expect(await canLogIn(other, PASSWORD)).toBe(true);
  });

  it('is sent 3 times an hour at most, and the answers are the same', async () => {
    const username = await newUser();
    const answers: Response[] = [];
    const flood = async () => {
      for (let n = 0; n < 6; n += 1) answers.push(await askReset(`${username}@example.com`));
    };
    const mails = await mailsOf(flood);
    expect(mails.map(({ to }) => to)).toEqual(Array(3).fill(`${username}@example.com`));
    expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1);
    expect(tally(answers)).toEqual({ 202: 6 });
    app.clock.advance(HOUR - 0.001);
    expect(await mailsOf(() => askReset(`${username}@example.com`))).toEqual([]);
    app.clock.advance(0.001);
    expect(await mailsOf(() => askReset(`${username}@example.com`))).toHaveLength(1);
  });
});

describe('A link to verify an address', () => {
  it('is valid for 24 hours, and once', async () => {
    const [early, late] = [await newUser(), await newUser()];
    const tokens = [await verificationToken(early), await verificationToken(late)];
    app.clock.advance(DAY - 0.001);
    const response = await confirm(tokens[0]);
    expect([response.status, await response.text()]).toEqual([204, '']);
    expect(await refusalOf(await confirm(tokens[0]))).toEqual(REFUSED);
    app.clock.advance(0.001);
    expect(await refusalOf(await confirm(tokens[1]))).toEqual(REFUSED);
    const verified =
      'SELECT email_verified_at IS NOT NULL AS v FROM users WHERE username IN (?, ?)';
    expect(await sql(app, verified, early, late)).toEqual([{ v: 1 }, { v: 0 }]);
  });

  it('is accepted once of 20 at once', async () => {
    const token = await verificationToken(await newUser());
    const answers = await Promise.all(Array.from({ length: 20 }, () => confirm(token)));
    expect(tally(answers)).toEqual({ 204: 1, 400: 19 });
  });

  it('is superseded by a newer one', async () => {
    const username = await newUser();
    const older = await verificationToken(username);
    const newer = await verificationToken(username);
    expect(await refusalOf(await confirm(older))).toEqual(REFUSED);
    expect((await confirm(newer)).status).toBe(204);
  });

  it('is not sent for an address that is verified', async () => {
    const username = await newUser();
    await confirm(await verificationToken(username));
    expect(await mailsOf(() => askVerification(`${username}@example.com`))).toEqual([]);
  });

  it('never brings back an address that was given up', async () => {
    const username = await newUser();
    const token = await verificationToken(username);
    const other = `new-${username}@example.com`;
    await sql(
      app,
      'UPDATE users SET email = ?, email_key = ? WHERE username = ?',
      other,
      other,
      username,
    );
    expect(await refusalOf(await confirm(token))).toEqual(REFUSED);
    expect(await sql(app, 'SELECT email FROM users WHERE username = ?', username)).toEqual([
      { email: other },
    ]);
  });

  it('is not valid for a user who was disabled', async () => {
    const username = await newUser();
    const token = await verificationToken(username);
    await sql(app, 'UPDATE users SET disabled = TRUE WHERE username = ?', username);
    expect(await refusalOf(await confirm(token))).toEqual(REFUSED);
  });
});

describe('A link of one purpose', () => {
  it('is not valid for another, and is not used up there', async () => {
    const username = await newUser();
    const forReset = await resetToken(username);
    const forVerification = await verificationToken(username);
    const own = await OwnAccount.logIn(app, username);
    await own.send('POST', '/email', { email: `x-${username}@example.com`, password: PASSWORD });
    const mails = await deliveredMails(app);
    const forChange = mails.findLast(({ to }) => to === `x-${username}@example.com`)!.token;
    for (const token of [forVerification, forChange]) {
      expect(await refusalOf(await reset(token))).toEqual(REFUSED);
    }
    expect(await refusalOf(await confirm(forReset))).toEqual(REFUSED);
    expect((await confirm(forVerification)).status).toBe(204);
    expect((await reset(forReset)).status).toBe(204);
  });
});

describe('A token', () => {
  it('is stored as its SHA-256, and nowhere else', async () => {
    const username = await newUser();
    const tokens = [await resetToken(username), await verificationToken(username)];
    const stored = await storedBytes(app);
    for (const token of tokens) {
      expect(token).toMatch(/^[\w-]{43}$/);
      expect(stored).toContain(storedForm(token));
      expect(stored).not.toContain(token);
    }
    await reset(tokens[0]);
    await confirm(tokens[1]);
    for (const token of tokens) expect(await storedBytes(app)).not.toContain(token);
  });

  it.each([
    ['empty', '', 'must not be empty'],
    ['a number', 1, 'must be of type string'],
    ['null', null, 'must be of type string'],
    ['an array', ['x'.repeat(43)], 'must be of type string'],
    ['an empty array', [], 'must not be empty'],
    ['an object', { $ne: '' }, 'must be of type string'],
    ['10 KB long', 'x'.repeat(10_240), 'is invalid'],
    ['of spaces', ' ', 'is invalid'],
    ['a NUL', '\0', 'is invalid'],
    ['with a NUL', `${'x'.repeat(42)}\0`, 'is invalid'],
    ['a pattern', '%', 'is invalid'],
    ['a quote', `' OR '1' = '1`, 'is invalid'],
    ['the hash of nothing', storedForm(''), 'is invalid'],
    ['half a character', '\ud83d', 'is invalid'],
  ])('that is %s is refused', async (_, token, message) => {
    for (const response of [await reset(token), await confirm(token)]) {
      const { status, errors } = await refusalOf(response);
      expect([status, errors]).toEqual([400, { token: message }]);
    }
  });

  it('is not valid as its hash, in different case, or with anything around it', async () => {
    const token = await resetToken(await newUser());
    const swapped = token.replace(/[A-Za-z]/, (c) => (c < 'a' ? c.toLowerCase() : c.toUpperCase()));
    for (const other of [storedForm(token), swapped, ` ${token}`, `${token}=`, `${token}\0`]) {
      expect(await refusalOf(await reset(other))).toEqual(REFUSED);
    }
    expect((await reset([token])).status).toBe(400);
    expect((await reset(token)).status).toBe(204);
  });

  it('is not used up by a GET, nor in a query', async () => {
    const username = await newUser();
    const tokens = { reset: await resetToken(username), verify: await verificationToken(username) };
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']) {
      for (const [path, token] of [
        ['/password-reset', tokens.reset],
        ['/password-reset/confirm', tokens.reset],
        ['/email-verification', tokens.verify],
        ['/email-verification/confirm', tokens.verify],
        ['/users', tokens.verify],
      ] as const) {
        const query = `?token=${token}&new_password=${encodeURIComponent(NEW_PASSWORD)}`;
        const response = await fetch(app.url + path + query, { method });
        expect([path, response.status]).toEqual([path, 405]);
        expect(response.headers.get('allow')).toBe('POST');
      }
    }
    const query = `?token=${tokens.reset}&new_password=${encodeURIComponent(NEW_PASSWORD)}`;
    const response = await postJson(app, `/password-reset/confirm${query}`, {});
    expect(Object.keys((await refusalOf(response)).errors)).toEqual(['token', 'new_password']);
    expect((await confirm(tokens.verify)).status).toBe(204);
    expect((await reset(tokens.reset)).status).toBe(204);
  });
});

describe('A request with an address', () => {
  it.each(['/password-reset', '/email-verification'])('is refused by name at %s', async (path) => {
    const form = 'must be an address such as alex@example.com';
    await deliveredMails(app);
    for (const [email, message] of [
      [undefined, 'is required'],
      [null, 'must be of type string'],
      [1, 'must be of type string'],
      [['alex@example.com'], 'must be of type string'],
      [{ $ne: '' }, 'must be of type string'],
      ['', form],
      ['alex', form],
      [`${'a'.repeat(243)}@example.com`, 'must have 3 to 254 characters'],
      ['alex@example.com\r\nBcc: all@example.com', 'must not contain control characters'],
      ['alex@example.com\0', 'must not contain control characters'],
      ['\u202ealex@example.com', 'must not contain bidirectional control characters'],
      ['alex@example.com\ud83d', 'must not contain control characters'],
    ] as const) {
      const { status, errors } = await refusalOf(await postJson(app, path, { email }));
      expect([status, errors.email]).toEqual([400, message]);
    }
    for (const member of ['token', 'username', 'user_id', 'redirect_to', 'url', 'app_url']) {
      const body = { email: 'alex@example.com', [member]: 'https://evil.example' };
      const { errors } = await refusalOf(await postJson(app, path, body));
      expect(errors).toEqual({ [member]: 'unknown field' });
    }
    expect(await outgoingRows(app)).toEqual([]);
  });

  it.each([
    ['m\u0131ke@example.org', 'a dotless ı'],
    ['\u212aim@example.com', 'the Kelvin sign'],
    ['ｋｉｍ@example.com', 'full width'],
    ['kim@ｅxample.com', 'full width in the domain'],
    ['kim＠example.com@example.com', 'a full-width @'],
    ['kim@ex\u0430mple.com', 'a Cyrillic а'],
    ['kim@xn--exmple-4uf.com', 'the same in Punycode'],
    ['kim@example\u3002com', 'an ideographic full stop'],
    ['kim@example.com.', 'a dot after it'],
    ['kim@example.com ', 'a space after it'],
    [' kim@example.com', 'a space before it'],
    ['kim@example.com,eve@evil.example', 'another after a comma'],
    ['kim@example.com;eve@evil.example', 'another after a semicolon'],
    ['kim@example.com eve@evil.example', 'another after a space'],
    ['"kim@example.com" <eve@evil.example>', 'a name before another'],
    ['eve@evil.example,kim@example.com', 'another before it'],
    ['kim+tag@example.com', 'a tag'],
    ['k.im@example.com', 'a dot within'],
    ['k\u200dim@example.com', 'a joiner'],
    ['k%m@example.com', 'a pattern'],
  ])('sends no mail for %j (%s)', async (email) => {
    for (const [username, address] of [
      ['kim', 'kim@example.com'],
      ['mike', 'Mike@Example.org'],
    ]) {
      const isThere =
        (await sql(app, 'SELECT 1 FROM users WHERE username = ?', username)).length > 0;
      if (!isThere) await app.createUser({ username: username!, email: address! });
    }
    const mails = await mailsOf(async () => {
      expect((await askReset(email)).status).toBe(202);
      expect((await askVerification(email)).status).toBe(202);
    });
    expect(mails).toEqual([]);
  });

  it('mails the stored address, never the one that was entered', async () => {
    await app.createUser({ username: 'cased', email: 'Cased@Example.com' });
    const mails = await mailsOf(() => askReset('cASED@eXAMPLE.COM'));
    // A domain is the same in any case.
    expect(mails.map(({ to }) => to)).toEqual(['Cased@example.com']);
    expect(mails[0]!.text).not.toContain('cASED@eXAMPLE.COM');
  });

  it('mails the user with exactly that address, where an adopted database has several', async () => {
    for (const address of [
      'ann@example.net',
      'ANN@example.net',
      '\u0131da@example.net',
      'ida@example.net',
    ]) {
      await adoptUser(app, { username: `of ${address}` });
      await sql(app, 'UPDATE users SET email = ? WHERE username = ?', address, `of ${address}`);
      const mails = await mailsOf(() => askReset(address));
      expect(mails.map(({ to, text }) => [to, text.includes(`of ${address}`)])).toEqual([
        [address, true],
      ]);
    }
  });
});

describe('The links in mails', () => {
  const ask = (path: string, lines: string[], email: string) => {
    const body = JSON.stringify({ email });
    const length = `Content-Length: ${Buffer.byteLength(body)}`;
    const head = [path, ...lines, 'Content-Type: application/json', length, 'Connection: close'];
    return sendRaw(app.port, `${head.join('\r\n')}\r\n\r\n${body}`);
  };

  it.each([
    ['Host', 'POST /password-reset HTTP/1.1', ['Host: evil.example']],
    ['Host with a user', 'POST /password-reset HTTP/1.1', ['Host: app.example.com@evil.example']],
    ['Host with a port', 'POST /password-reset HTTP/1.1', ['Host: localhost:1@evil.example']],
    [
      'X-Forwarded-Host',
      'POST /password-reset HTTP/1.1',
      [
        'Host: localhost',
        'X-Forwarded-Host: evil.example',
        'X-Forwarded-Proto: gopher',
        'X-Forwarded-Port: 1',
      ],
    ],
    [
      'X-Original-Host',
      'POST /password-reset HTTP/1.1',
      [
        'Host: localhost',
        'X-Host: evil.example',
        'X-Original-Host: evil.example',
        'X-Original-URL: //evil.example/',
        'X-Rewrite-URL: //evil.example/',
      ],
    ],
    [
      'Forwarded',
      'POST /password-reset HTTP/1.1',
      ['Host: localhost', 'Forwarded: host=evil.example;proto=gopher;for=1.1.1.1'],
    ],
    [
      'Origin and Referer',
      'POST /password-reset HTTP/1.1',
      ['Host: localhost', 'Origin: https://evil.example', 'Referer: https://evil.example/'],
    ],
    [
      'an absolute target',
      'POST http://evil.example/password-reset HTTP/1.1',
      ['Host: evil.example'],
    ],
    [
      'an absolute target with another Host',
      'POST http://evil.example/password-reset HTTP/1.1',
      ['Host: localhost'],
    ],
    [
      'a query',
      'POST /password-reset?app_url=https://evil.example&redirect_to=https://evil.example HTTP/1.1',
      ['Host: localhost'],
    ],
  ])('come from APP_URL alone, whatever is in %s', async (_, target, lines) => {
    const username = await newUser();
    const answer = await ask(target, lines, `${username}@example.com`);
    expect(answer).toMatch(/^HTTP\/1\.1 202 /);
    expect(answer).not.toMatch(/^location:/im);
    const mail = await deliveredMail(app);
    expect(mail.to).toBe(`${username}@example.com`);
    expect(mail.link).toBe(`${APP_URL}#action=reset-password&token=${mail.token}`);
    expect(`${mail.text}${mail.html}`).not.toMatch(/evil|gopher/);
    expect((await reset(mail.token)).status).toBe(204);
  });

  it('lead to the page for the action', async () => {
    const username = await newUser();
    await verificationToken(username);
    const { link, token } = await deliveredMail(app);
    expect(link).toBe(`${APP_URL}#action=verify-email&token=${token}`);
  });
});

describe('A mail', () => {
  /** The header of the newest message, as it is sent. */
  function newestHeader(): string {
    const folder = app.folder.join('mail');
    const newest = readdirSync(folder)
      .filter((name) => name.endsWith('.eml'))
      .sort()
      .at(-1)!;
    return readFileSync(`${folder}/${newest}`, 'utf8').split('\r\n\r\n')[0]!;
  }

  const HEADERS = [
    'auto-submitted',
    'content-type',
    'date',
    'from',
    'message-id',
    'mime-version',
    'subject',
    'to',
  ];
  const names = (header: string) =>
    header
      .split(/\r\n(?=\S)/)
      .map((line) => line.split(':')[0]!.toLowerCase())
      .sort();

  it.each([
    'eve\r\nBcc: all@evil.example',
    'eve\nBcc: all@evil.example',
    'eve\r\n\r\n<h1>Other</h1>',
    ...textsWithNul('eve\0'),
    'eve\u2028Bcc: all@evil.example',
    'eve <img src=//evil.example>',
    '{{link}} {{{link}}}',
  ])('to an adopted user with the name %j is like any other', async (username) => {
    await adoptUser(app, { username });
    const email = `eve${(count += 1)}@example.com`;
    await sql(app, 'UPDATE users SET email = ? WHERE username = ?', email, username);
    const mails = await mailsOf(() => askReset(email));
    expect(mails.map(({ to }) => to)).toEqual([email]);
    const header = newestHeader();
    expect(names(header)).toEqual(HEADERS);
    expect(header).not.toMatch(/eve\b(?!\d)|evil/);
    expect(mails[0]!.html).not.toMatch(/<img|<h1>Other/);
    expect(mails[0]!.text.match(/token=/g)).toHaveLength(1);
    expect((await reset(mails[0]!.token)).status).toBe(204);
    await deliveredMails(app);
    expect(names(newestHeader())).toEqual(HEADERS);
  });

  it.each([
    'eve@example.com\r\nBcc: all@evil.example',
    ...textsWithNul('eve@example.com\0'),
    'eve@example.com, all@evil.example',
    '"eve@example.com" <all@evil.example>',
    'eve@example.com>\r\nDATA',
  ])('is not sent to an adopted address %j', async (address) => {
    const username = `came with ${(count += 1)}`;
    await adoptUser(app, { username });
    await sql(app, 'UPDATE users SET email = ? WHERE username = ?', address, username);
    const own = await OwnAccount.logIn(app, username);
    const mails = await mailsOf(async () => {
      const body = { current_password: PASSWORD, new_password: NEW_PASSWORD };
      expect((await own.send('POST', '/password', body)).status).toBe(204);
    });
    expect(mails).toEqual([]);
    expect(await outgoingRows(app)).toEqual([]);
    await sql(app, 'DELETE FROM users WHERE username = ?', username);
  });

  it('contains no full name, and no text but the user’s own', async () => {
    const full_name = 'Win a prize at https://evil.example';
    await signUp(app, { username: 'prize', email: 'prize@example.com', full_name });
    const { text, html } = await deliveredMail(app);
    expect(text + html).not.toContain('evil.example');
  });
});

describe('No endpoint', () => {
  it('redirects, whatever the request', async () => {
    const spec = (await (await fetch(`${app.url}/openapi.json`)).json()) as { paths: object };
    const paths = [...Object.keys(spec.paths), '/', '/docs', '/docs/', '/openapi.json', '/unknown'];
    const to = 'https%3A%2F%2Fevil.example';
    const query = `?redirect_uri=${to}&redirect_to=${to}&next=${to}&url=${to}&return=%2F%2Fevil.example`;
    expect(paths.length).toBeGreaterThan(20);
    for (const path of paths.map((one) => one.replaceAll(/\{\w+\}/g, '1'))) {
      // Two slashes would be another host's name to a browser.
      for (const target of [
        path,
        `${path}/`,
        `/${path}`,
        path + query,
        `${path}/..`,
        `${path}//evil.example`,
      ]) {
        for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']) {
          const options = {
            method,
            redirect: 'manual',
            ...(method === 'POST' && { body: '{}' }),
          } as const;
          const response = await fetch(app.url + target, options);
          const { status, headers } = response;
          await response.arrayBuffer();
          expect([method, target, status >= 300 && status < 400, headers.get('location')]).toEqual([
            method,
            target,
            false,
            null,
          ]);
        }
      }
    }
  });
});
