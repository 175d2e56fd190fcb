import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { WITHOUT_LIMITS } from '../support/attempts.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/create-test-app.js';
import { send } from '../support/harmless.js';

const URLENCODED = 'application/x-www-form-urlencoded';
const LARGEST_BODY_BYTES = 64 * 1024;
const FORM = `username=alex&password=${encodeURIComponent(PASSWORD)}`;

let app: TestApp;

beforeAll(async () => {
  app = await createTestApp(WITHOUT_LIMITS);
  await app.createUser({ email: 'alex@example.com' });
  await app.createUser({ username: 'boris', email: 'boris@example.com' });
});
afterAll(() => app.close());

/** After every attack, the service still serves legitimate users. */
afterEach(async () => {
  expect((await send(`${app.url}/health/ready`)).status).toBe(200);
});

function post(body: string | Buffer | URLSearchParams, contentType = URLENCODED) {
  const headers = { 'Content-Type': contentType };
  return send(`${app.url}/token`, { method: 'POST', body, headers });
}

describe('POST /token with values of every type', () => {
  const values = [null, true, false, 0, 1, -1.5, '', 'x', [], ['alex'], {}, { $ne: null }];
  const fields = ['username', 'password', 'grant_type', 'scope', 'client_id', 'client_secret'];

  it.each(fields)('refuses JSON, whatever %s is', async (field) => {
    for (const value of values) {
      const form = { username: 'alex', password: PASSWORD, [field]: value };
      for (const body of [form, [form], value]) {
        const answer = await post(JSON.stringify(body), 'application/json');
        expect(answer.status).toBe(400);
        expect(JSON.parse(answer.text)).toMatchObject({ error: 'invalid_request' });
      }
    }
  });

  it.each(['username', 'password'])('treats an odd %s as the string it is', async (field) => {
    for (const text of ['null', 'undefined', 'true', '0', 'NaN', '[object Object]', '{}', '[]']) {
      const form = new URLSearchParams({ username: 'alex', password: PASSWORD, [field]: text });
      expect((await post(form)).status).toBe(401);
    }
  });

  it.each([
    ...['username[]=boris', 'username[$ne]=', 'username[0]=boris', 'username[__proto__]=x'],
    ...['password[]=x', 'password[$gt]=', 'password[length]=0'],
    ...['grant_type[]=password', 'scope[$ne]=', 'client_id[]=a', 'client_secret[a][b]=c'],
  ])('refuses %s beside correct credentials', async (pair) => {
    for (const form of [`${FORM}&${pair}`, `${encodeURI(pair)}&${FORM}`]) {
      expect((await post(form)).status).toBe(400);
    }
  });

  it.each([
    ...['__proto__=boris', '__proto__[username]=boris', 'constructor=x', 'hasOwnProperty=1'],
    ...['constructor[prototype][username]=boris', 'toString=1', 'user=boris', 'id=2', 'sub=boris'],
    ...['username.x=boris', 'USERNAME=boris', 'username%00=boris', 'disabled=false', '=&=&&'],
  ])('does not act on %s', async (pair) => {
    const answer = await post(`${pair}&${FORM}&${pair}`);
    expect(answer.status).toBe(200);
    const { access_token } = JSON.parse(answer.text) as { access_token: string };
    expect(await (await app.readProfile(access_token)).text()).toContain('alex@example.com');
    expect({}).not.toHaveProperty('username');
  });
});

describe('POST /token with broken encodings', () => {
  it.each([
    ['half a percent sequence', `${FORM}%`],
    ['a percent sequence that is not hex', `username=alex&password=%zz`],
    ['an overlong slash', 'username=%C0%AF&password=x'],
    ['an overlong NUL', 'username=alex%C0%80&password=x'],
    ['a lone surrogate', 'username=%ED%A0%80&password=x'],
    ['a code point past the last', 'username=%F4%90%80%80&password=x'],
    ['a cut sequence', 'username=%E2%82&password=x'],
    ['latin1', 'username=%E9&password=x'],
    ['%uXXXX', 'username=%u0061lex&password=x'],
    ['a broken name of an unknown field', `%ff=1&${FORM}`],
    ['raw latin1 bytes', Buffer.from('username=\xe9&password=x', 'latin1')],
    ['UTF-16', Buffer.from(`\ufeff${FORM}`, 'utf16le')],
    ['NULs in the username', 'username=al%00ex&password=x'],
  ])('answers 400 to %s', async (_, body) => {
    expect((await post(body)).status).toBe(400);
  });

  it.each(['latin1', 'utf-16', '"utf-8;x"', 'utf-8;charset=latin1', ''])(
    'answers 400 to charset=%s',
    async (charset) => {
      expect((await post(FORM, `${URLENCODED}; charset=${charset}`)).status).toBe(400);
    },
  );

  it('treats a byte order mark as part of the first name', async () => {
    expect((await post(`\ufeff${FORM}`)).status).toBe(400);
  });
});

describe('POST /token with too much', () => {
  const padded = (length: number) => `${FORM}&pad=`.padEnd(length, 'x');
  const stream = (text: string) => new Blob([text]).stream();

  it('accepts a body of 64 KiB and refuses one byte more', async () => {
    expect((await post(padded(LARGEST_BODY_BYTES))).status).toBe(200);
    expect((await post(padded(LARGEST_BODY_BYTES + 1))).status).toBe(413);
  });

  it('counts a chunked body likewise', async () => {
    const post = (length: number) =>
      send(`${app.url}/token`, {
        method: 'POST',
        body: stream(padded(length)),
        headers: { 'Content-Type': URLENCODED },
        duplex: 'half',
      });
    expect((await post(LARGEST_BODY_BYTES)).status).toBe(200);
    expect((await post(LARGEST_BODY_BYTES + 1)).status).toBe(413);
    expect((await post(1024 * 1024)).status).toBe(413);
  });

  it.each([URLENCODED, 'multipart/form-data; boundary=b'])('refuses 1 MB of %s', async (type) => {
    expect((await post('a=1&'.repeat(2 ** 18), type)).status).toBe(413);
  });

  it('accepts 100 fields and refuses 101', async () => {
    const fields = (count: number) => `${FORM}${'&a='.repeat(count - 2)}`;
    expect((await post(fields(100))).status).toBe(200);
    expect((await post(fields(101))).status).toBe(400);
    expect((await post(`${FORM}${'&a'.repeat(30_000)}`)).status).toBe(400);
  });

  it('accepts 100 parts and refuses 101', async () => {
    const parts = (count: number) => {
      const form = new FormData();
      form.set('username', 'alex');
      form.set('password', PASSWORD);
      for (let i = 2; i < count; i++) form.append('a', '');
      return send(`${app.url}/token`, { method: 'POST', body: form });
    };
    expect((await parts(100)).status).toBe(200);
    expect((await parts(101)).status).toBe(400);
  });

  it.each(['username', 'password'])('answers 401 to a %s of 60,000 characters', async (field) => {
    const form = { username: 'alex', password: PASSWORD, [field]: 'é'.repeat(10_000) };
    expect((await post(new URLSearchParams(form))).status).toBe(401);
  });
});

describe('POST /token with injections', () => {
  const injections = [
    "' OR '1'='1",
    "alex'--",
    "alex' /*",
    '"; DROP TABLE users; --',
    "' UNION SELECT 1,'alex','x','x','x',0--",
    "alex\\' OR 1=1",
    '%',
    '_lex',
    '${jndi:ldap://x}',
    '{{7*7}}',
    '<script>alert(1)</script>',
    'alex\r\nSet-Cookie: a=b',
    '../../etc/passwd',
    '$2b$10$abcdefghijklmnopqrstuu',
  ];

  it.each(injections)('treats %j as an unknown name', async (username) => {
    const wrong = await post(new URLSearchParams({ username, password: PASSWORD }));
    expect(wrong.status).toBe(401);
    expect(wrong.text).not.toContain(username);
  });

  it.each(injections)('treats %j as a wrong password', async (password) => {
    expect((await post(new URLSearchParams({ username: 'alex', password }))).status).toBe(401);
  });

  it('leaves the users as they were', async () => {
    for (const username of ['alex', 'boris']) {
      const profile = await (await app.readProfile(await app.accessToken({ username }))).text();
      expect(profile).toContain(`${username}@example.com`);
    }
  });
});
