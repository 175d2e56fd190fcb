import { afterEach, describe, expect, it } from '@jest/globals';
import { countersOf, guess, many } from '../support/attempts.js';
import { createTestApp, type TestApp } from '../support/create-test-app.js';
import { sendRaw } from '../support/raw-http.js';

let app: TestApp;
afterEach(() => app.close());

async function start(TRUSTED_PROXIES: string): Promise<void> {
  app = await createTestApp({ TRUSTED_PROXIES });
  await app.createUser();
}

/** Guesses once, with these lines of X-Forwarded-For. @returns for which address it was counted */
async function countedFor(...lines: string[]): Promise<string> {
  const body = 'username=alex&password=guess';
  const head = [
    'POST /token HTTP/1.1',
    'Host: latchkey.test',
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${body.length}`,
    'Connection: close',
    ...lines.map((line) => `X-Forwarded-For: ${line}`),
  ];
  const rows = await countersOf(app, 'address');
  const before = new Map(rows.map(({ key, points }) => [key, points]));
  await sendRaw(app.port, `${head.join('\r\n')}\r\n\r\n${body}`);
  const counted = (await countersOf(app, 'address')).filter(
    ({ key, points }) => points > (before.get(key) ?? 0),
  );
  return counted.map(({ key }) => key.slice('address:'.length)).join();
}

describe('X-Forwarded-For', () => {
  it('is not trusted from anyone where no proxy is configured', async () => {
    await start('');
    expect(await countedFor('192.0.2.1')).toBe('127.0.0.1');
    const spoofed = { 'X-Forwarded-For': '198.51.100.7' };
    expect(await guess(app, 5, {}, spoofed)).toEqual([...many(401, 4), 429]);
  });

  it('is not trusted from a proxy that is not listed', async () => {
    await start('10.0.0.0/8,::1');
    expect(await countedFor('192.0.2.1')).toBe('127.0.0.1');
  });

  it.each([
    ['the one entry', ['192.0.2.1'], '192.0.2.1'],
    ['the last one, whatever the client wrote before', ['1.1.1.1, 192.0.2.1'], '192.0.2.1'],
    ['the last one that is not a proxy', ['1.1.1.1, 192.0.2.1, 10.0.0.9, 10.1.1.1'], '192.0.2.1'],
    ['nothing to the left of it, even a proxy', ['10.0.0.9, 192.0.2.1'], '192.0.2.1'],
    ['the first, where all are proxies', ['10.0.0.9, 10.1.1.1'], '10.0.0.9'],
    ['several lines as one', ['1.1.1.1', '192.0.2.1', '10.0.0.9'], '192.0.2.1'],
    ['nothing to the left of garbage, but the proxy', ['192.0.2.1, garbage'], '127.0.0.1'],
    ['what is to the right of garbage', ['garbage, , 192.0.2.1'], '192.0.2.1'],
    ['an entry with a port', ['1.1.1.1, 192.0.2.1:4711'], '192.0.2.1'],
    ['an IPv6 entry, by its /64', ['2001:db8:0:1::5'], '2001:db8:0:1::/64'],
    ['an IPv6 entry with a port', ['[2001:db8:0:1::5]:80'], '2001:db8:0:1::/64'],
    ['the last one that is not an IPv6 proxy', ['2001:db8:0:1::5, fd00::7'], '2001:db8:0:1::/64'],
    ['IPv4 in IPv6 notation', ['::ffff:192.0.2.1'], '192.0.2.1'],
    ['a proxy in IPv6 notation', ['192.0.2.1, ::ffff:10.0.0.9'], '192.0.2.1'],
    ['an empty line as none', [''], '127.0.0.1'],
  ])('from a trusted proxy means %s', async (_, lines, address) => {
    await start('127.0.0.1,10.0.0.0/8,fd00::/8');
    expect(await countedFor(...lines)).toBe(address);
  });
});
