import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestApp, PASSWORD, type TestApp } from '../support/create-test-app.js';
import { type Answer, answersOf, expectHarmless, send } from '../support/harmless.js';
import { sendRaw } from '../support/raw-http.js';

const FORM = `username=alex&password=${encodeURIComponent(PASSWORD)}`;
const TYPE = 'Content-Type: application/x-www-form-urlencoded';

let app: TestApp;
let token: string;

beforeAll(async () => {
  app = await createTestApp();
  await app.createUser();
  token = await app.accessToken();
});
afterAll(() => app.close());
afterEach(async () => {
  expect((await send(`${app.url}/health/ready`)).status).toBe(200);
});

/** Sends bytes as they are; checks that every answer is harmless. */
async function raw(text: string): Promise<Answer[]> {
  const answers = answersOf(await sendRaw(app.port, Buffer.from(text, 'latin1'), 1_000));
  answers.forEach(expectHarmless);
  return answers;
}

async function statuses(text: string): Promise<number[]> {
  return (await raw(text)).map(({ status }) => status);
}

/** A request's head: the lines, then the blank line. */
function head(...lines: string[]): string {
  return [...lines, '', ''].join('\r\n');
}

describe('a request that could be read in two ways', () => {
  const smuggled = head('GET /users/me HTTP/1.1', 'Host: x', 'Connection: close');
  const post = (...headers: string[]) => head('POST /token HTTP/1.1', 'Host: x', TYPE, ...headers);

  it.each([
    ['a length and chunks', ['Content-Length: 6', 'Transfer-Encoding: chunked']],
    ['chunks and a length', ['Transfer-Encoding: chunked', 'Content-Length: 6']],
    ['two lengths', ['Content-Length: 6', 'Content-Length: 5']],
    ['a list of lengths', ['Content-Length: 6, 6']],
    ['a signed length', ['Content-Length: +6']],
    ['a negative length', ['Content-Length: -1']],
    ['a hexadecimal length', ['Content-Length: 0x6']],
    ['a length past every number', [`Content-Length: ${'9'.repeat(30)}`]],
    ['an unknown transfer coding', ['Transfer-Encoding: xchunked']],
    ['chunked, but not last', ['Transfer-Encoding: chunked, identity']],
    ['chunked twice', ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity']],
    ['a space before the colon', ['Transfer-Encoding : chunked']],
    ['a vertical tab before the coding', ['Transfer-Encoding:\x0bchunked']],
    ['a folded header', ['Transfer-Encoding:', ' chunked']],
    ['a bare LF in a header', ['X: a\nTransfer-Encoding: chunked']],
    ['a bare CR in a header', ['X: a\rTransfer-Encoding: chunked']],
    ['a NUL in a header', ['X: a\0b', 'Transfer-Encoding: chunked']],
  ])('is refused, and nothing after it is served: %s', async (_, headers) => {
    expect(await statuses(`${post(...headers)}0\r\n\r\n${smuggled}`)).toEqual([400]);
  });

  it.each([
    ['a chunk size that is not hex', 'xyz\r\n'],
    ['a chunk size past every number', `${'f'.repeat(20)}\r\nx`],
    ['a negative chunk size', '-1\r\nx\r\n'],
    ['a chunk longer than its size', '1\r\nxyz\r\n0\r\n\r\n'],
    ['a chunk that ends in LF', '1\nx\n0\n\n'],
  ])('is refused in the middle of its chunks: %s', async (_, chunks) => {
    const answers = await statuses(`${post('Transfer-Encoding: chunked')}${chunks}${smuggled}`);
    expect(answers).toEqual([400]);
  });

  it('serves what follows a body as a request of its own', async () => {
    const answers = await raw(`${post(`Content-Length: ${FORM.length}`)}${FORM}${smuggled}`);
    expect(answers.map(({ status }) => status)).toEqual([200, 401]);
  });

  it('reads no further than the length says', async () => {
    const cut = FORM.length - 3;
    const answers = await statuses(`${post(`Content-Length: ${cut}`)}${FORM}${smuggled}`);
    expect(answers).not.toContain(200);
    expect(answers.at(-1)).toBe(400);
  });

  it('does not answer a body that never completes', async () => {
    expect(await statuses(`${post('Content-Length: 5000')}${FORM}`)).toEqual([]);
  });
});

describe('bytes that are not HTTP', () => {
  it.each([
    ['empty lines', '\r\n\r\n\r\n', []],
    ['HTTP/0.9', 'GET /users/me\r\n\r\n', [401]],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400]],
    ['an unknown version', 'GET / HTTP/9.9\r\nHost: x\r\n\r\n', [400]],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', [400]],
    ['no method', ' / HTTP/1.1\r\nHost: x\r\n\r\n', [400]],
    ['an invented method', 'HACK /token HTTP/1.1\r\nHost: x\r\n\r\n', [400]],
    ['a lower-case method', 'get / HTTP/1.1\r\nHost: x\r\n\r\n', [400]],
    ['no Host', 'GET /users/me HTTP/1.1\r\n\r\n', [400]],
    ['NULs', '\0'.repeat(100), [400]],
    ['a target with a space', 'GET /users /me HTTP/1.1\r\nHost: x\r\n\r\n', [400]],
    ['a target with a NUL', 'GET /users/me\0 HTTP/1.1\r\nHost: x\r\n\r\n', [400]],
    ['a target that is not ASCII', 'GET /users/me\xa0 HTTP/1.1\r\nHost: x\r\n\r\n', [400]],
    ['a header without a colon', 'GET / HTTP/1.1\r\nHost: x\r\nBearer\r\n\r\n', [400]],
    ['a header without a name', 'GET / HTTP/1.1\r\nHost: x\r\n: x\r\n\r\n', [400]],
    ['CONNECT', 'CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n', []],
  ])('get a plain refusal or none: %s', async (_, text, expected) => {
    expect(await statuses(text)).toEqual(expected);
  });

  it('sends no header that a client wrote', async () => {
    const request = head('GET /x%0d%0aSet-Cookie:%20a=b HTTP/1.1', 'Host: x', 'Connection: close');
    const [answer] = await raw(request);
    expect(answer?.status).toBe(404);
    expect(answer?.text).not.toMatch(/set-cookie/i);
  });
});

describe('a header section', () => {
  const get = (...headers: string[]) =>
    statuses(head('GET /users/me HTTP/1.1', 'Host: x', 'Connection: close', ...headers));

  it('may be almost 8 KiB, and not more', async () => {
    expect(await get(`Authorization: Bearer ${token}`, `X: ${'x'.repeat(7_000)}`)).toEqual([200]);
    expect(await get(`Authorization: Bearer ${token}`, `X: ${'x'.repeat(8_192)}`)).toEqual([431]);
  });

  it.each([
    ['16 KB of Authorization', `Authorization: Bearer ${'x'.repeat(16_000)}`],
    ['two thousand headers', 'A: bcdefgh\r\n'.repeat(2_000).trimEnd()],
    ['a name of 10 KB', `${'A'.repeat(10_000)}: b`],
  ])('is refused with %s', async (_, header) => {
    expect(await get(header)).toEqual([431]);
  });

  it('sees both of two Authorization headers, after any number of others', async () => {
    const others = 'A: b\r\n'.repeat(900).trimEnd();
    const authorization = `Authorization: Bearer ${token}`;
    expect(await get(authorization, others, 'authorization: Bearer x')).toEqual([400]);
    expect(await get(others, authorization)).toEqual([200]);
  });

  it.each(['100-continue', 'something else'])(
    'with Expect: %s gets the answer of the endpoint',
    async (expected) => {
      const headers = head('POST /token HTTP/1.1', 'Host: x', TYPE, `Expect: ${expected}`);
      const text = headers.replace(
        '\r\n\r\n',
        '\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx',
      );
      expect((await statuses(text)).at(-1)).toBe(400);
    },
  );
});

describe('a path', () => {
  const get = (target: string, ...headers: string[]) =>
    raw(head(`GET ${target} HTTP/1.1`, 'Host: x', 'Connection: close', ...headers));

  it.each([
    ...['/%2e%2e/', '/../users/me', '/users/./me', '/users/../users/me', '/users/me;a=b'],
    ...['//users/me', '/users//me', '/users/me//', '/users/me%00', '/users/%6de', '/users%2fme'],
    ...['/Users/me', '/users/ME', '/users/me#x', '/users\\me', '/users\\me#'],
    ...['/%', '/%zz', '/%c0%af', '/users/me%20', '/users/me.json', '/users/2'],
    ...[
      '/docs/../../package.json',
      '/docs/%2e%2e%2fpackage.json',
      '/docs/%00',
      '/docs/%',
      '/docs/a',
    ],
    ...['/__proto__', '/constructor', '/users/__proto__', '/*', '*', 'http://[/', 'http://x'],
    ...['http://x//users/me', 'http://%/', 'http://x:y/', 'ftp://x/'],
  ])('%j is unknown', async (target) => {
    const [answer] = await get(target, `Authorization: Bearer ${token}`);
    expect(answer?.status).toBe(404);
    expect(answer?.text).toMatch(/application\/problem\+json[^]*"detail":"Not Found"/);
  });

  it.each(['http://x/users/me', 'http://x:1/users/me/', 'HTTPS://y/users/me', '/users/me?a=b#c'])(
    '%j is the profile',
    async (target) => {
      const [answer] = await get(target, `Authorization: Bearer ${token}`);
      expect(answer?.status).toBe(200);
    },
  );

  it('in the absolute form gets the errors of its endpoint', async () => {
    const [token] = await get('http://x/token');
    expect(token?.text).toMatch(/^HTTP\/1.1 405[^]*Allow: POST[^]*"error":"invalid_request"/);
    const [profile] = await get('http://x/users/me?access_token=a', 'Authorization: Bearer a');
    expect(profile?.status).toBe(400);
  });
});

describe('a method', () => {
  it.each(
    ['PUT', 'DELETE', 'PATCH', 'TRACE', 'OPTIONS', 'PROPFIND', 'PURGE', 'M-SEARCH', 'LINK'].flatMap(
      (method) =>
        ['/token', '/users/me', '/health/live']
          .filter((path) => path !== '/users/me' || !/^(PATCH|DELETE)$/.test(method))
          .map((path) => [method, path] as const),
    ),
  )('%s is not allowed at %s', async (method, path) => {
    const text = head(`${method} ${path} HTTP/1.1`, 'Host: x', 'Connection: close');
    expect(await statuses(text)).toEqual([405]);
  });
});

describe('an Authorization header made to be slow', () => {
  const fill = (text: string) => text.repeat(7_500 / text.length);

  it.each([
    ['blanks', `Bearer ${fill(' ')}`],
    ['spaces and an end', `Bearer ${fill(' ')}x y`],
    ['words', `Bearer ${fill('a ')}`],
    ['equals signs', `Bearer ${fill('=')}x`],
    ['letters and an end', `Bearer ${fill('a')}!`],
    ['dots', `Bearer ${fill('.')}`],
    ['tabs', `Bearer\t${fill('\t')}`],
    ['no scheme', fill('bearer')],
  ])('is refused as fast as any other: %s', async (_, header) => {
    const fastest = async (headers: Record<string, string>) => {
      const times: number[] = [];
      for (let run = 0; run < 3; run++) {
        const start = performance.now();
        expect((await send(`${app.url}/users/me`, { headers })).status).toBe(401);
        times.push(performance.now() - start);
      }
      return Math.min(...times);
    };
    const plain = await fastest({ Authorization: 'Bearer x' });
    expect(await fastest({ Authorization: header })).toBeLessThan(plain + 100);
  });
});
