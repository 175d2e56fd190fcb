import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestApp, PASSWORD, type TestApp } from '../support/create-test-app.js';
import { send } from '../support/harmless.js';

let app: TestApp;

beforeAll(async () => {
  app = await createTestApp();
  await app.createUser();
});
afterAll(() => app.close());

/** A parser that throws outside the request would have crashed the service. */
afterEach(async () => {
  expect((await send(`${app.url}/health/ready`)).status).toBe(200);
});

function post(body: string | Buffer, contentType = 'multipart/form-data; boundary=b') {
  const headers = { 'Content-Type': contentType };
  return send(`${app.url}/token`, { method: 'POST', body, headers });
}

function part(headers: string, value: string): string {
  return `--b\r\n${headers}\r\n\r\n${value}\r\n`;
}

function field(name: string, value: string): string {
  return part(`Content-Disposition: form-data; name="${name}"`, value);
}

const GOOD = `${field('username', 'alex')}${field('password', PASSWORD)}`;
const END = '--b--\r\n';
const FILE = 'Content-Disposition: form-data; name="username"; filename="a.txt"';

describe('POST /token with multipart garbage', () => {
  it('accepts the form from which the others are made', async () => {
    expect((await post(`${GOOD}${END}`)).status).toBe(200);
  });

  it.each([
    ['nothing', ''],
    ['a boundary alone', '--b'],
    ['the end alone', END],
    ['no end', GOOD],
    ['an end cut short', `${GOOD}--b`],
    ['a header cut short', `${GOOD}--b\r\nContent-Dispos`],
    ['a header without a value', `${part('Content-Disposition', 'x')}${GOOD}${END}`.slice(0, -8)],
    [
      'no blank line',
      `${GOOD}--b\r\nContent-Disposition: form-data; name="a"\r\n${END.slice(0, 3)}`,
    ],
    ['a part without a name', `${part('Content-Disposition: form-data', 'x')}${GOOD}${END}`],
    ['a file', `${GOOD}${part(FILE.replace('username', 'a'), 'x')}${END}`],
    ['a file for the username', `${part(FILE, 'alex')}${field('password', PASSWORD)}${END}`],
    ['a file of bytes', `${GOOD}${part('Content-Type: application/octet-stream', 'x')}`],
    ['a file cut short', `${GOOD}--b\r\n${FILE.replace('username', 'a')}\r\n\r\nx`],
    ['a file cut short in its header', `${GOOD}--b\r\n${FILE}\r\n`],
    ['two files cut short', `${part(FILE, 'x')}--b\r\n${FILE}\r\n\r\nx`],
    ['a field twice', `${GOOD}${field('username', 'alex')}${END}`],
    ['an array', `${GOOD}${field('username[]', 'alex')}${END}`],
    ['latin1', Buffer.from(`${GOOD}${field('a', '\xe9')}${END}`, 'latin1')],
    ['another boundary', `${GOOD}${END}`.replaceAll('--b', '--c')],
    ['bare LF', `${GOOD}${END}`.replaceAll('\r\n', '\n')],
  ])('answers 400 to %s', async (_, body) => {
    const { status, text } = await post(body);
    expect(status).toBe(400);
    expect(JSON.parse(text)).toMatchObject({ error: 'invalid_request' });
  });

  it.each([
    ['a huge header', part(`X: ${'x'.repeat(50_000)}`, '')],
    ['many headers', part('A: b\r\n'.repeat(8_000).trimEnd(), '')],
    [
      'a nested multipart',
      part('Content-Type: multipart/mixed; boundary=c', '--c\r\n\r\nx\r\n--c--'),
    ],
    ['an attachment', part('Content-Disposition: attachment; name="username"', 'boris')],
    ['__proto__', part('__proto__: x\r\nContent-Disposition: form-data; name="__proto__"', 'x')],
    ['empty parameters', part('Content-Type: ;;=;\r\nContent-Disposition: ;;=;;', 'x')],
    ['a preamble', ''],
  ])('does not act on %s', async (_, extra) => {
    expect((await post(`${extra || 'preamble\r\n'}${GOOD}${END}epilogue`)).status).toBe(200);
  });

  it.each([
    ['utf-16le', 'Content-Type: text/plain; charset=utf-16le', 'a\0l\0e\0x\0'],
    ['latin1', 'Content-Type: text/plain; charset="ISO-8859-1"', 'alex'],
    ['an empty charset', 'content-type:text/plain;format=flowed;charset=', 'alex'],
    ['utf-7 on a folded line', 'Content-Type: text/plain;\r\n charset=utf-7', 'alex'],
    ['base64', 'Content-Transfer-Encoding: base64', 'YWxleA=='],
    ['quoted-printable', 'Content-Transfer-Encoding:quoted-printable', 'alex'],
  ])('answers 400 to a part in %s', async (_, header, value) => {
    const username = part(`Content-Disposition: form-data; name="username"\r\n${header}`, value);
    const { status, text } = await post(`${username}${field('password', PASSWORD)}${END}`);
    expect(status).toBe(400);
    expect(JSON.parse(text)).toMatchObject({ detail: 'Send every part of the form in UTF-8' });
  });

  it('answers 400 to a name in another encoding', async () => {
    const name = "Content-Disposition: form-data; name*=utf-16le''u%00s%00e%00r%00n%00a%00m%00e%00";
    const body = `${part(name, 'alex')}${field('password', PASSWORD)}${END}`;
    expect((await post(body)).status).toBe(400);
  });

  it.each([
    'Content-Type: text/plain',
    'Content-Type: text/plain; charset=UTF-8',
    'Content-Type: text/plain;charset="utf-8"; format=fixed',
    'Content-Transfer-Encoding: 8bit',
    'Content-Transfer-Encoding: binary',
  ])('accepts a part with %s', async (header) => {
    const username = part(`Content-Disposition: form-data; name="username"\r\n${header}`, 'alex');
    expect((await post(`${username}${field('password', PASSWORD)}${END}`)).status).toBe(200);
  });

  it('accepts a value that looks like a header', async () => {
    const value = '\r\n\r\nContent-Transfer-Encoding: base64';
    expect((await post(`${GOOD}${field('x', value)}${END}`)).status).toBe(200);
  });

  it.each([
    'multipart/form-data',
    'multipart/form-data; boundary',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=""',
    'multipart/form-data; boundary=c',
    `multipart/form-data; boundary=${'b'.repeat(4_000)}`,
    'multipart/form-data; boundary*=b',
    'multipart/form-data; boundary=b; charset=latin1',
    'multipart/form-data;;;=;',
    'multipart/mixed; boundary=b',
    'multipart/form-datax; boundary=b',
    'text/plain',
    '/',
    ';',
  ])('answers 400 to the content type %j', async (contentType) => {
    expect((await post(`${GOOD}${END}`, contentType)).status).toBe(400);
  });
});
