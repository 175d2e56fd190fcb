import { createSecretKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';
import { Es256Latchkey } from '../support/es256-latchkey.js';
import { basic } from '../support/oauth.js';
import { RESOURCE_SERVER, ResourceServer } from '../support/resource-server.js';
import type { TokenAnswer } from '../support/sessions.js';
import { until } from '../support/until.js';

type Environment = Record<string, string>;

let latchkey: Es256Latchkey;
let client: Environment;
const servers: ResourceServer[] = [];

beforeAll(async () => {
  latchkey = await Es256Latchkey.start({ KEY_PUBLISH_SECONDS: '0' });
  const created = await latchkey.run('client', 'create', 'notes', '--json');
  const credentials = JSON.parse(created) as { client_id: string; client_secret: string };
  client = {
    ISSUER: latchkey.url,
    CLIENT_ID: credentials.client_id,
    CLIENT_SECRET: credentials.client_secret,
  };
});
afterAll(async () => {
  for (const server of servers) await server.stop();
  await latchkey.remove();
});

async function spawnServer(changes: Environment = {}): Promise<ResourceServer> {
  const server = await ResourceServer.spawn({ ...client, ...changes });
  servers.push(server);
  return server;
}

async function startServer(changes: Environment = {}): Promise<ResourceServer> {
  const server = await spawnServer(changes);
  await until(async () => (await server.ask()) ?? false);
  return server;
}

async function statusOf(server: ResourceServer, token?: string): Promise<number | undefined> {
  return (await server.ask(token))?.status;
}

describe('the example of a resource server', () => {
  it('is under 60 lines of its own code', () => {
    const lines = readFileSync(RESOURCE_SERVER, 'utf8').split('\n');
    const code = lines.filter((line) => !/^\s*(\/\/.*)?$/.test(line));
    expect(code.length).toBeLessThan(60);
  });

  it.each([
    ['ISSUER', { ISSUER: 'latchkey' }],
    ['AUDIENCE', { AUDIENCE: '' }],
    ['CLIENT_ID', { CLIENT_ID: '' }],
    ['CLIENT_SECRET', { CLIENT_SECRET: '' }],
    ['WHEN_STALE', { WHEN_STALE: 'sometimes' }],
    ['STALE_AFTER', { STALE_AFTER: 'soon' }],
    ['PORT', { PORT: '' }],
  ])('does not start with a bad %s, and names it', async (name, changes) => {
    const server = await spawnServer(changes);
    expect(await server.end()).not.toBe(0);
    expect(server.lines.join('\n')).toContain(name);
  });

  it('does not serve as long as the feed refuses it, and says so', async () => {
    const server = await spawnServer({ CLIENT_SECRET: 'wrong' });
    await until(() => server.lines.some((line) => line.includes('/revocations answered 401')));
    expect(await server.ask()).toBeUndefined();
    await server.stop();
  });
});

describe('a request to the example', () => {
  let server: ResourceServer;
  let tokens: TokenAnswer;
  beforeAll(async () => {
    server = await startServer();
    tokens = await latchkey.logIn();
  });

  it('with a valid token is served, and says how old the knowledge is', async () => {
    const response = await server.ask(tokens.access_token);
    expect(response?.status).toBe(200);
    expect(response?.headers.get('revocations-age')).toMatch(/^\d+$/);
    expect(await response?.json()).toEqual({ notes: ['A note of 1'] });
  });

  it('without a token is refused with no error code', async () => {
    const response = await server.ask();
    expect(response?.status).toBe(401);
    expect(response?.headers.get('www-authenticate')).toBe('Bearer');
    expect(response?.headers.get('revocations-age')).toMatch(/^\d+$/);
  });

  /** The same claims, under another header or another key. */
  const forge = (header: object, claims: object = {}) =>
    new SignJWT({ ...decodeJwt(tokens.access_token), ...claims })
      .setProtectedHeader({
        ...decodeProtectedHeader(tokens.access_token),
        ...header,
        alg: 'HS256',
      })
      .sign(createSecretKey(Buffer.alloc(32)));

  it.each<[string, () => string | Promise<string>]>([
    ['garbage', () => 'garbage'],
    ['the refresh token', () => tokens.refresh_token],
    ['a changed signature', () => tokens.access_token.replace(/.{4}$/, 'AAAA')],
    ['a token of a key that latchkey does not have', () => forge({ kid: 'unknown' })],
    ['a token signed with a shared key', () => forge({})],
    ['a token without a signature', () => tokens.access_token.replace(/[^.]+$/, '')],
    [
      'a token that needs no signature',
      () => `${btoa('{"alg":"none","typ":"at+jwt"}').replaceAll('=', '')}.e30.`,
    ],
  ])('with %s is refused', async (_, token) => {
    const response = await server.ask(await token());
    expect(response?.status).toBe(401);
    expect(response?.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  });

  it('with a token for another audience is refused', async () => {
    const other = await startServer({ AUDIENCE: 'http://other.test' });
    expect(await statusOf(other, tokens.access_token)).toBe(401);
    await other.stop();
  });

  it('with the token of a client, which has no session, is refused', async () => {
    const headers = basic(client.CLIENT_ID!, client.CLIENT_SECRET!);
    const body = new URLSearchParams({ grant_type: 'client_credentials' });
    const granted = await latchkey.send('POST', '/token', { body, headers });
    const { access_token } = (await granted.json()) as TokenAnswer;
    expect(await statusOf(server, access_token)).toBe(401);
  });

  it('costs latchkey nothing', async () => {
    const before = latchkey.routes.length;
    for (let i = 0; i < 100; i++) expect(await statusOf(server, tokens.access_token)).toBe(200);
    // Background work continues meanwhile.
    expect(latchkey.routes.length - before).toBeLessThan(10);
  });

  it('leaves nothing of its token in the output', () => {
    expect(server.lines.join('\n')).not.toContain(tokens.access_token.split('.')[1]);
    expect(server.lines).toHaveLength(1);
  });
});

describe('the end of a session', () => {
  let server: ResourceServer;
  beforeAll(async () => {
    // Two seconds are the promise, for which a busy machine may occasionally be too slow.
    jest.retryTimes(2, { retryImmediately: true });
    server = await startServer();
  });
  afterAll(() => void jest.retryTimes(0));

  const withToken = ({ access_token }: TokenAnswer) => ({
    headers: { Authorization: `Bearer ${access_token}` },
  });
  const form = (token: string) => ({ body: new URLSearchParams({ token }) });

  type End = (tokens: TokenAnswer) => Promise<unknown>;

  it.each<[string, End]>([
    [
      'the refresh token revoked',
      ({ refresh_token }) => latchkey.send('POST', '/revoke', form(refresh_token)),
    ],
    [
      'the access token revoked',
      ({ access_token }) => latchkey.send('POST', '/revoke', form(access_token)),
    ],
    [
      'the session deleted',
      (tokens) => {
        const { sid } = decodeJwt(tokens.access_token);
        return latchkey.send('DELETE', `/users/me/sessions/${String(sid)}`, withToken(tokens));
      },
    ],
    [
      'a logout everywhere',
      (tokens) => latchkey.send('DELETE', '/users/me/sessions?current=true', withToken(tokens)),
    ],
    ['another password', () => latchkey.run('user', 'set-password', 'alex', '--password-stdin')],
  ])('by %s is known within two seconds', async (_, end) => {
    await expectSoonKnown(end);
  });

  it('by the user disabled is known within two seconds', async () => {
    try {
      await expectSoonKnown(() => latchkey.run('user', 'disable', 'alex'));
    } finally {
      await latchkey.run('user', 'enable', 'alex');
    }
  });

  async function expectSoonKnown(end: End): Promise<void> {
    const tokens = await latchkey.logIn();
    expect(await statusOf(server, tokens.access_token)).toBe(200);
    await end(tokens);
    const start = performance.now();
    await until(async () => (await statusOf(server, tokens.access_token)) === 401);
    expect(performance.now() - start).toBeLessThan(2_000);
  }
});

describe('a new key of latchkey', () => {
  it('is known once it signs, and the previous one stays valid', async () => {
    const server = await startServer({ STALE_AFTER: '2' });
    const { access_token: before } = await latchkey.logIn('sam');
    await latchkey.run('key', 'rotate');
    const kid = (token: string) => decodeProtectedHeader(token).kid;
    const after = await until(async () => {
      const { access_token } = await latchkey.logIn('sam');
      return kid(access_token) === kid(before) ? false : access_token;
    });
    await until(async () => (await statusOf(server, after)) === 200);
    expect(await statusOf(server, before)).toBe(200);
  });
});

describe('while latchkey does not answer', () => {
  it('the example refuses by the age of what it knows, though no connection has failed', async () => {
    const server = await startServer({ STALE_AFTER: '2' });
    const { access_token } = await latchkey.logIn('sam');
    latchkey.freeze(true);
    await until(async () => (await statusOf(server, access_token)) === 503);
    latchkey.freeze(false);
    await until(async () => (await statusOf(server, access_token)) === 200);
  });
});

describe('while latchkey is down', () => {
  let accepting: ResourceServer;
  let refusing: ResourceServer;
  let gone: TokenAnswer;
  let kept: TokenAnswer;
  beforeAll(async () => {
    accepting = await startServer({ WHEN_STALE: 'accept', STALE_AFTER: '2' });
    refusing = await startServer({ WHEN_STALE: 'refuse', STALE_AFTER: '2' });
    gone = await latchkey.logIn('sam');
    kept = await latchkey.logIn('kim');
    await latchkey.stop();
  });

  const isStale = (server: ResourceServer) => () =>
    server.lines.some((line) => line.startsWith('Revocations: stale'));

  it('continues and says how old its knowledge is, if configured so', async () => {
    await until(isStale(accepting));
    const response = await accepting.ask(kept.access_token);
    expect(response?.status).toBe(200);
    expect(Number(response?.headers.get('revocations-age'))).toBeGreaterThan(2);
  });

  it('refuses, but not as if the token were invalid, if configured so', async () => {
    await until(isStale(refusing));
    const response = await refusing.ask(kept.access_token);
    expect(response?.status).toBe(503);
    expect(response?.headers.get('retry-after')).toBe('5');
    expect(Number(response?.headers.get('revocations-age'))).toBeGreaterThan(2);
  });

  it('refuses an invalid token as always', async () => {
    expect(await statusOf(accepting, 'garbage')).toBe(401);
    expect(await statusOf(refusing, 'garbage')).toBe(401);
  });

  it('does not start to serve', async () => {
    const server = await spawnServer();
    await until(() => server.lines.some((line) => line.includes('ECONNREFUSED')));
    expect(await server.ask()).toBeUndefined();
  });

  it('catches up once latchkey is back, with what happened meanwhile', async () => {
    await latchkey.run('user', 'disable', 'sam');
    await latchkey.startAgain();
    for (const server of [accepting, refusing, servers.at(-1)!]) {
      await until(async () => (await statusOf(server, kept.access_token)) === 200);
      await until(async () => (await statusOf(server, gone.access_token)) === 401);
      await until(() => server.lines.at(-1)!.startsWith('Revocations: up to date'));
    }
  });
});
