import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestApp, PASSWORD, type TestApp } from '../support/create-test-app.js';
import { expectOAuthError } from '../support/expect-errors.js';
import { requestRaw } from '../support/raw-response.js';

const URLENCODED = 'application/x-www-form-urlencoded';
const FORM = `username=alex&password=${encodeURIComponent(PASSWORD)}`;

describe('The form of POST /token', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp();
    await app.createUser();
    await app.createUser({ username: 'ünï', password: '\uFEFFpässwörd 雪\r\nand more' });
  });
  afterAll(() => app.close());

  const post = (body: string | Buffer | FormData | null, headers: Record<string, string> = {}) =>
    fetch(`${app.url}/token`, { method: 'POST', body, headers });
  const refuses = async (response: Promise<Response>, status = 400) =>
    expectOAuthError(await response, status, 'invalid_request');

  describe('as application/x-www-form-urlencoded', () => {
    it.each([
      URLENCODED,
      `${URLENCODED}; charset=UTF-8`,
      `${URLENCODED};charset=utf8`,
      `${URLENCODED} ; charset="utf-8"`,
      'Application/X-WWW-Form-URLEncoded',
    ])('reads Content-Type %s', async (type) => {
      expect((await post(FORM, { 'Content-Type': type })).status).toBe(200);
    });

    it.each(['iso-8859-1', 'utf-16', 'US-ASCII', '""'])(
      'refuses the charset %s',
      async (charset) => {
        const type = `${URLENCODED}; charset=${charset}`;
        expect(await refuses(post(FORM, { 'Content-Type': type }))).toMatch(/UTF-8/);
      },
    );

    it('refuses bytes that are not UTF-8', async () => {
      const body = Buffer.from('username=alex&password=pässwörd', 'latin1');
      expect(await refuses(post(body, { 'Content-Type': URLENCODED }))).toMatch(/UTF-8/);
    });

    it('keeps every character: a byte order mark, line ends, + for a space', async () => {
      const body = 'username=%C3%BCn%C3%AF&password=%EF%BB%BFp%C3%A4ssw%C3%B6rd+雪%0D%0Aand%20more';
      expect((await post(body, { 'Content-Type': URLENCODED })).status).toBe(200);
    });

    it('may have up to 100 fields, of any length', async () => {
      const form = (unknown: number) => `${'&x=1'.repeat(unknown)}&${FORM}`;
      expect((await post(form(98), { 'Content-Type': URLENCODED })).status).toBe(200);
      expect(await refuses(post(form(99), { 'Content-Type': URLENCODED }))).toMatch(/100/);
    });

    it('is read to its end, however many empty pairs it has', async () => {
      const gap = '&'.repeat(200);
      expect((await post(gap + FORM, { 'Content-Type': URLENCODED })).status).toBe(200);
      const twice = post(`${FORM}${gap}username=bob`, { 'Content-Type': URLENCODED });
      expect(await refuses(twice)).toMatch(/username/);
      await refuses(post(`${FORM}${gap}x=%zz`, { 'Content-Type': URLENCODED }));
    });
  });

  describe('as multipart/form-data', () => {
    const formData = (fields: Record<string, string>) => {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.append(name, value);
      return form;
    };
    const parts = (...fields: [header: string, value: string][]) =>
      fields.map(([header, value]) => `--limit\r\n${header}\r\n\r\n${value}\r\n`).join('');
    const text = (name: string, value: string): [string, string] => [
      `Content-Disposition: form-data; name="${name}"`,
      value,
    ];
    const login = parts(text('username', 'alex'), text('password', PASSWORD));
    const multipart = (body: string) =>
      post(body, { 'Content-Type': 'multipart/form-data; boundary=limit' });

    it("reads a browser's FormData", async () => {
      const form = formData({ grant_type: 'password', username: 'alex', password: PASSWORD });
      expect((await post(form)).status).toBe(200);
    });

    it('keeps every character: a byte order mark and line ends', async () => {
      // FormData turns every line end into CR LF, which this one is already.
      const form = formData({ username: 'ünï', password: '\uFEFFpässwörd 雪\r\nand more' });
      expect((await post(form)).status).toBe(200);
    });

    it.each([
      ['a boundary of many hyphens, as curl has it', 'boundary=', '------------------------d74496'],
      ['a boundary in quotes', 'charset=utf-8; boundary=', '"a b:c"'],
    ])('reads %s', async (_, parameter, boundary) => {
      const body = `${login}--limit--\r\n`.replaceAll('limit', boundary.replaceAll('"', ''));
      const type = `multipart/form-data; ${parameter}${boundary}`;
      expect((await post(body, { 'Content-Type': type })).status).toBe(200);
    });

    it('reads what is between preamble and epilogue', async () => {
      expect((await multipart(`before\r\n${login}--limit--\r\nafter`)).status).toBe(200);
    });

    it('has text fields only: refuses a file', async () => {
      const form = formData({ username: 'alex', password: PASSWORD });
      form.append('photo', new Blob(['x']), 'photo.png');
      expect(await refuses(post(form))).toMatch(/no files/);
    });

    it('refuses a field twice', async () => {
      const twice = parts(text('username', 'alex'));
      expect(await refuses(multipart(`${login}${twice}--limit--`))).toMatch(/username once/);
    });

    it('has up to 100 fields', async () => {
      const form = (unknown: number) =>
        multipart(
          `${parts(...Array<[string, string]>(unknown).fill(text('x', '1')))}${login}--limit--`,
        );
      expect((await form(98)).status).toBe(200);
      expect(await refuses(form(99))).toMatch(/100/);
      expect(await refuses(form(150))).toMatch(/100/);
    });

    it.each([
      ['that ends in a field', parts(text('username', 'alex')).slice(0, -4)],
      [
        'that ends in a file',
        parts(['Content-Disposition: form-data; name="a"; filename="b"', 'c']).slice(0, -2),
      ],
      ['that ends in a header', login.slice(0, 20)],
      ['that ends before the last boundary', login],
      [
        'with a part that has no name',
        `${parts(['Content-Disposition: form-data', 'x'])}${login}--limit--`,
      ],
      ['that is not UTF-8', Buffer.from(`${login}--limit--`.replace('alex', 'älex'), 'latin1')],
      ['that is urlencoded', FORM],
      ['that is empty', ''],
      ['without fields', '--limit--\r\n'],
    ])('refuses a form %s', async (_, body) => {
      await refuses(post(body, { 'Content-Type': 'multipart/form-data; boundary=limit' }));
    });

    it('refuses a form without a boundary', async () => {
      const type = 'multipart/form-data';
      expect(await refuses(post(login, { 'Content-Type': type }))).toMatch(/boundary/);
    });

    it('refuses another charset', async () => {
      const type = 'multipart/form-data; boundary=limit; charset=iso-8859-1';
      await refuses(post(`${login}--limit--`, { 'Content-Type': type }));
    });
  });

  it.each([
    ['JSON', 'application/json', JSON.stringify({ username: 'alex', password: PASSWORD })],
    ['text', 'text/plain', FORM],
    ['a form of another type', 'multipart/mixed; boundary=b', FORM],
    ['a list of types', `${URLENCODED}, text/plain`, FORM],
  ])('says which types it accepts, when it gets %s', async (_, type, body) => {
    expect(await refuses(post(body, { 'Content-Type': type }))).toMatch(
      /application\/x-www-form-urlencoded or multipart\/form-data/,
    );
  });

  it('refuses a request without body, or without type', async () => {
    expect(await refuses(post(null))).toMatch(/Send the form as/);
    expect(await refuses(post(Buffer.from(FORM)))).toMatch(/Send the form as/);
    await refuses(post(null, { 'Content-Type': URLENCODED }));
  });

  const SIZE = 64 * 1024;
  const padded = (size: number) => `${FORM}&x=`.padEnd(size, 'x');

  it('accepts a body of 64 KiB, and answers 413 to one byte more', async () => {
    const headers = { 'Content-Type': URLENCODED };
    expect((await post(padded(SIZE), headers)).status).toBe(200);
    await refuses(post(padded(SIZE + 1), headers), 413);
    const type = { 'Content-Type': 'multipart/form-data; boundary=limit' };
    await refuses(post(padded(SIZE + 1), type), 413);
  });

  it('counts a body that is sent in chunks', async () => {
    const chunk = padded(SIZE + 1);
    const lines = ['POST /token HTTP/1.1', 'Transfer-Encoding: chunked'];
    const response = await requestRaw(
      app,
      [...lines, `Content-Type: ${URLENCODED}`],
      `${chunk.length.toString(16)}\r\n${chunk}\r\n0\r\n\r\n`,
    );
    await expectOAuthError(response, 413, 'invalid_request');
  });

  it.each(['gzip', 'GZIP', 'deflate', 'br', 'unknown', 'identity, gzip'])(
    'answers 415 to Content-Encoding %s',
    async (encoding) => {
      const headers = { 'Content-Type': URLENCODED, 'Content-Encoding': encoding };
      await refuses(post(FORM, headers), 415);
    },
  );

  it('accepts Content-Encoding identity', async () => {
    const headers = { 'Content-Type': URLENCODED, 'Content-Encoding': 'Identity' };
    expect((await post(FORM, headers)).status).toBe(200);
  });
});
