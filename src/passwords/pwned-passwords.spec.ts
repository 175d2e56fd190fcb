import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PinoLogger } from 'nestjs-pino';
import { forgetRootLogger } from '../../test/support/root-logger.js';
import { PasswordPolicy } from './password-policy.js';
import { PwnedPasswords } from './pwned-passwords.js';

const PASSWORD = 'correct horse';
const SHA1 = createHash('sha1').update(PASSWORD).digest('hex').toUpperCase();
const [TOLD, ENDING] = [SHA1.slice(0, 5), SHA1.slice(5)];
const OTHER = `${'0'.repeat(34)}A:17`;

let server: Server;
let url: string;
let requests: IncomingMessage[];
let answer: (response: ServerResponse) => void;
let lines: string[];

beforeEach(async () => {
  requests = [];
  lines = [];
  server = createServer((request, response) => {
    requests.push(request);
    answer(response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/range/`;
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

function pwned(pwnedPasswordsUrl: string | null = url): PwnedPasswords {
  const stream = { write: (line: string) => void lines.push(line) };
  forgetRootLogger();
  const logger = new PinoLogger({ pinoHttp: [{ level: 'warn' }, stream] });
  return new PwnedPasswords(settings(pwnedPasswordsUrl), logger);
}

const settings = (pwnedPasswordsUrl: string | null) => ({
  minLength: 8,
  appName: 'latchkey',
  pwnedPasswordsUrl,
});
const body = (text: string) => (response: ServerResponse) => void response.end(text);

describe('the passwords of breaches', () => {
  it('are queried by the first five digits of the hash, padded, and nothing else', async () => {
    answer = body(`${OTHER}\r\n${ENDING}:4711`);
    expect(await pwned().has(PASSWORD)).toBe(true);
    expect(await pwned(url.slice(0, -1)).has(PASSWORD)).toBe(true);
    expect(requests.map((request) => request.url)).toEqual([`/range/${TOLD}`, `/range/${TOLD}`]);
    expect(requests[0]!.headers).toMatchObject({ 'add-padding': 'true', 'user-agent': 'latchkey' });
    expect(JSON.stringify(requests[0]!.rawHeaders)).not.toContain(ENDING);
    expect(lines).toEqual([]);
  });

  it.each([
    ['is not among them', OTHER],
    ['is padding', `${OTHER}\r\n${ENDING}:0\r\n`],
    ['is in another place of the line', `${OTHER}\r\n${ENDING.slice(1)}0:1`],
  ])('are not reported to include one that %s', async (_, text) => {
    answer = body(text);
    expect(await pwned().has(PASSWORD)).toBe(false);
    expect(lines).toEqual([]);
  });

  it('are not queried unless it is configured', async () => {
    answer = body(`${ENDING}:1`);
    expect(await pwned(null).has(PASSWORD)).toBe(false);
    expect(requests).toEqual([]);
  });

  it.each<[string, (response: ServerResponse) => void, string]>([
    ['an error', (response) => response.writeHead(500).end(`${ENDING}:1`), 'status 500'],
    ['a refusal', (response) => response.writeHead(429).end(), 'status 429'],
    ['a redirect', (response) => response.writeHead(302, { Location: url }).end(), 'TypeError'],
    ['nothing', body(''), 'not a list'],
    ['garbage', body('<html>sign in to the network</html>'), 'not a list'],
    ['garbage after a list', body(`${ENDING}:1\n<html>`), 'not a list'],
    ['silence', () => undefined, 'no answer within 1000 ms'],
    [
      'half of a list',
      (response) => void response.writeHead(200).write(`${ENDING}:1\r\n`),
      'no answer within 1000 ms',
    ],
    [
      'a broken connection',
      (response) => {
        response.writeHead(200, { 'Content-Length': 1_000 });
        response.write(`${ENDING}:1\r\n`, () => response.destroy());
      },
      'UND_ERR_SOCKET|terminated|ECONNRESET',
    ],
    ['no connection', (response) => void response.destroy(), 'UND_ERR_SOCKET|ECONNRESET'],
    ['data without end', endlessly, 'too large'],
  ])('let a password through upon %s, soon, with a line in the log', async (_, reply, reason) => {
    answer = reply;
    const before = performance.now();
    expect(await pwned().has(PASSWORD)).toBe(false);
    expect(performance.now() - before).toBeLessThan(3_000);
    expect(lines).toHaveLength(1);
    const line = JSON.parse(lines[0]!) as { level: number; reason: string };
    expect(line.level).toBe(40);
    expect(line.reason).toMatch(new RegExp(reason));
    for (const secret of [PASSWORD, TOLD, ENDING]) expect(lines[0]).not.toContain(secret);
  });

  it('let a password through where nothing listens', async () => {
    server.close();
    expect(await pwned(url).has(PASSWORD)).toBe(false);
    expect(lines.join()).toMatch(/ECONNREFUSED/);
  });

  it('are refused by the rules for passwords, with the reason, after all other rules', async () => {
    answer = body(`${ENDING}:1`);
    const policy = new PasswordPolicy(settings(url), pwned());
    const refused = policy.check(PASSWORD, {});
    await expect(refused).rejects.toThrow('password: is known from a data breach');
    await expect(policy.check('password', {})).rejects.toThrow(/most common/);
    await expect(policy.check('short', {})).rejects.toThrow(/at least 8/);
    expect(requests).toHaveLength(1);
  });
});

function endlessly(response: ServerResponse): void {
  const line = `${OTHER}\r\n`.repeat(1_000);
  const more = () => {
    while (!response.destroyed && response.write(line));
  };
  response.on('drain', more);
  more();
}
