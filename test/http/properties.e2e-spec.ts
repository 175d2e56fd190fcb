import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PasswordHasher } from '../../src/crypto/password-hasher.js';
import { WITHOUT_LIMITS } from '../support/attempts.js';
import { createTestApp, SECRET_KEY, type TestApp } from '../support/create-test-app.js';
import { forgeToken, type Json, readToken } from '../support/forge-token.js';
import { answersOf, expectHarmless, send } from '../support/harmless.js';
import { sendRaw } from '../support/raw-http.js';
import { sql } from '../support/sql.js';

let app: TestApp;
let token: string;
let header: Json;
let payload: Json;

beforeAll(async () => {
  app = await createTestApp(WITHOUT_LIMITS);
  await app.createUser();
  token = await app.accessToken();
  ({ header, payload } = readToken(token));
});
afterAll(() => app.close());

async function statusOf(token: string): Promise<number> {
  const headers = { Authorization: `Bearer ${token}` };
  return (await send(`${app.url}/users/me`, { headers })).status;
}

const printable = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));

describe('an access token', () => {
  it('is refused with any of its characters changed, removed or doubled', async () => {
    const change = fc.tuple(fc.nat(token.length - 1), fc.option(printable), fc.boolean());
    await fc.assert(
      fc.asyncProperty(change, async ([at, character, keep]) => {
        const changed = `${token.slice(0, at)}${character ?? ''}${token.slice(keep ? at : at + 1)}`;
        fc.pre(changed !== token);
        expect(await statusOf(changed)).toBe(401);
      }),
      { numRuns: 500 },
    );
  });

  it('has only one valid encoding, although base64 leaves bits of the last character unused', async () => {
    const parts = token.split('.');
    for (const [index, part] of parts.entries()) {
      for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=') {
        const changed = parts.with(index, part.slice(0, -1) + character).join('.');
        if (changed !== token) expect(await statusOf(changed)).toBe(401);
      }
    }
  });

  it('is refused whatever its claims when another key signed it', async () => {
    const anything = fc.oneof(fc.json().map(parse), fc.dictionary(fc.string(), fc.jsonValue()));
    const key = fc.string({ maxLength: 80 }).filter((text) => text !== SECRET_KEY);
    const claims = fc.oneof(fc.constant(null), anything);
    await fc.assert(
      fc.asyncProperty(claims, claims, key, async (headerChange, payloadChange, key) => {
        const forged = forgeToken(
          merged(header, headerChange),
          merged(payload, payloadChange),
          key,
        );
        fc.pre(forged.length < 6_000);
        expect(await statusOf(forged)).toBe(401);
      }),
      { numRuns: 200 },
    );
  });

  it('is accepted when the right key signed the same claims again', async () => {
    expect(await statusOf(forgeToken(header, payload, SECRET_KEY))).toBe(200);
  });

  const isText = (value: unknown) => typeof value === 'string';
  const isNumber = (value: unknown) => typeof value === 'number';
  const isList = (value: unknown) => Array.isArray(value);
  it.each([
    ['sub', isText],
    ['uid', isText],
    ['iss', isText],
    ['aud', (value: unknown) => isText(value) || isList(value)],
    ['iat', isNumber],
    ['exp', isNumber],
    ['nbf', isNumber],
  ])('of the right key is refused with a %s of another type', async (claim, isRight) => {
    const wrong = fc.oneof(
      fc.jsonValue(),
      fc.constant([payload[claim]]),
      fc.constant({ value: payload[claim] }),
      fc.constant(isNumber(payload[claim]) ? String(payload[claim]) : 1),
    );
    await fc.assert(
      fc.asyncProperty(wrong, async (value) => {
        fc.pre(!isRight(value));
        const forged = forgeToken(header, { ...payload, [claim]: value }, SECRET_KEY);
        expect(await statusOf(forged)).toBe(401);
      }),
      { numRuns: 40 },
    );
  });

  it.each(['typ', 'alg', 'kid', 'crit'])(
    'of the right key is refused with any other %s',
    async (member) => {
      const wrong = fc.oneof(fc.jsonValue(), fc.constant([header[member]]));
      await fc.assert(
        fc.asyncProperty(wrong, async (value) => {
          fc.pre(value !== header[member]);
          const forged = forgeToken({ ...header, [member]: value }, payload, SECRET_KEY);
          expect(await statusOf(forged)).toBe(401);
        }),
        { numRuns: 40 },
      );
    },
  );

  it('of the right key is refused when its payload is not an object', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        expect(await statusOf(forgeToken(header, value, SECRET_KEY))).toBe(401);
      }),
      { numRuns: 50 },
    );
  });

  it('of the right key finds nobody under any other name', async () => {
    const injections = [
      "' OR '1'='1",
      "alex'--",
      '%',
      '_lex',
      'ALEX',
      ' alex',
      'alex\0',
      '__proto__',
    ];
    const name = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.constantFrom(...injections),
    );
    await fc.assert(
      fc.asyncProperty(name, async (sub) => {
        fc.pre(sub !== 'alex');
        expect(await statusOf(forgeToken(header, { ...payload, sub }, SECRET_KEY))).toBe(404);
      }),
      { numRuns: 60 },
    );
  });
});

describe('any bytes', () => {
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY'];
  const paths = [
    '/token',
    '/users/me',
    '/health/live',
    '/health/ready',
    '/docs',
    '/openapi.json',
    '/',
  ];
  const types = [
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=b',
    'application/json',
    'text/plain',
  ];

  /** Sends the request as it is; it must be answered exactly once, and harmlessly. */
  async function answerTo(requestLine: string, headers: string[], body: Buffer): Promise<number> {
    const lines = [requestLine, 'Host: x', 'Connection: close', ...headers];
    const head = [...lines, `Content-Length: ${body.length}`, '', ''].join('\r\n');
    const bytes = Buffer.concat([Buffer.from(head, 'latin1'), body]);
    const [answer, ...others] = answersOf(await sendRaw(app.port, bytes, 10_000));
    expect(others).toEqual([]);
    if (!/^GET \/(docs|openapi)/.test(requestLine)) expectHarmless(answer!);
    return answer?.status ?? 0;
  }

  it('as a body get an answer under every method of every path', async () => {
    const body = fc.oneof(fc.uint8Array({ maxLength: 2_000 }), fc.string().map(encode));
    const request = [fc.constantFrom(...methods), fc.constantFrom(...paths)] as const;
    await fc.assert(
      fc.asyncProperty(
        ...request,
        fc.constantFrom(...types),
        body,
        async (method, path, type, body) => {
          const requestLine = `${method} ${path} HTTP/1.1`;
          const status = await answerTo(requestLine, [`Content-Type: ${type}`], Buffer.from(body));
          expect(status).toBeGreaterThanOrEqual(200);
          expect(status).toBeLessThan(500);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('as a path, a query and headers get an answer', async () => {
    const text = fc.array(printable, { maxLength: 60 }).map((characters) => characters.join(''));
    const start = fc.constantFrom('/', '/users/', '/users/me', '/token', '/docs/', '//', 'http://');
    const names = [
      'Authorization',
      'Content-Type',
      'Content-Encoding',
      'Origin',
      'Cookie',
      'Accept',
    ];
    const name = fc.constantFrom(
      ...names,
      'X-Forwarded-For',
      'X-Request-Id',
      'If-None-Match',
      'Range',
    );
    const headers = fc.array(fc.tuple(name, text), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...methods), start, text, headers, async (...request) => {
        const [method, start, rest, headers] = request;
        const lines = headers.map(([name, value]) => `${name}: ${value}`);
        const status = await answerTo(`${method} ${start}${rest} HTTP/1.1`, lines, Buffer.alloc(0));
        expect(status).toBeGreaterThanOrEqual(200);
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 400 },
    );
  });

  it('in pieces of multipart never leave a request unanswered', async () => {
    const piece = fc.constantFrom(
      ...[
        '--b',
        '--b\r\n',
        '--b--',
        '\r\n',
        '\r\n\r\n',
        'Content-Disposition: form-data',
        '\n',
        '\0',
      ],
      ...[
        '; name="username"',
        '; name=',
        '; name="',
        '; filename="x"',
        "; name*=utf-8''%ff",
        'é',
        '--',
      ],
      ...['Content-Type: application/octet-stream', 'Content-Type: text/plain; charset=utf-16le'],
      ...['Content-Disposition: form-data; name="password"\r\n\r\n', 'x'.repeat(70)],
    );
    const type = 'Content-Type: multipart/form-data; boundary=b';
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 25 }), async (pieces) => {
        const status = await answerTo('POST /token HTTP/1.1', [type], encode(pieces.join('')));
        expect([400, 401]).toContain(status);
      }),
      { numRuns: 500 },
    );
  });
});

describe('an adopted user with any name and password', () => {
  const character = fc.string({ unit: 'binary', minLength: 1, maxLength: 1 });
  const nameCharacter = character.filter((text) => !/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(text));
  const odd = fc.constantFrom(
    '\ufeff',
    ' ',
    '+',
    '%',
    '&',
    '=',
    '"',
    '\\',
    '\u202e',
    'é',
    'e\u0301',
  );
  const name = fc
    .array(fc.oneof(nameCharacter, odd), { minLength: 1, maxLength: 64 })
    .map((characters) => characters.join(''))
    .filter((text) => Array.from(text).length <= 64);
  const line = fc.constantFrom('\0', '\r\n', '\n', '\r', '--', '\t');
  const password = fc
    .array(fc.oneof(character, odd, line), { minLength: 8, maxLength: 200 })
    .map((characters) => characters.join(''))
    .filter((text) => Buffer.byteLength(text) <= 1024);

  /** By hand: a browser's FormData turns every line end into CRLF. */
  function multipart(form: Record<string, string>) {
    const parts = Object.entries(form).map(
      ([name, value]) =>
        `--latchkey\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    );
    const headers = { 'Content-Type': 'multipart/form-data; boundary=latchkey' };
    return { method: 'POST', headers, body: `${parts.join('')}--latchkey--\r\n` };
  }

  it('logs in through both kinds of form, and only with that name and password', async () => {
    const names = new Set(['alex']);
    await fc.assert(
      fc.asyncProperty(name, password, async (username, password) => {
        fc.pre(!names.has(username));
        names.add(username);
        const hashedPassword = await app.app.get(PasswordHasher).hash(password);
        await sql(
          app,
          'INSERT INTO users (username, hashed_password) VALUES (?, ?)',
          username,
          hashedPassword,
        );
        const form = { username, password };
        const urlencoded = { method: 'POST', body: new URLSearchParams(form) };
        for (const options of [urlencoded, multipart(form)]) {
          const { status, text } = await send(`${app.url}/token`, options);
          expect(status).toBe(200);
          const { access_token } = JSON.parse(text) as { access_token: string };
          const profile = (await (await app.readProfile(access_token)).json()) as Json;
          expect(profile['user data']).toMatchObject({ username });
        }
        const wrong = new URLSearchParams({ username, password: `${password} ` });
        expect((await send(`${app.url}/token`, { method: 'POST', body: wrong })).status).toBe(401);
      }),
      { numRuns: 25 },
    );
  });
});

function encode(text: string): Buffer {
  return Buffer.from(text);
}

function parse(text: string): unknown {
  return JSON.parse(text);
}

/** The replacement, its members merged into the object, or the object as it was. */
function merged(object: Json, change: unknown): unknown {
  if (change === null) return object;
  return typeof change === 'object' && !Array.isArray(change) ? { ...object, ...change } : change;
}
