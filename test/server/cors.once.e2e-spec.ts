import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestApp, type TestApp } from '../support/create-test-app.js';
import { expectOAuthError } from '../support/expect-errors.js';

const ORIGIN = 'http://localhost:3000';

function corsHeaders({ headers }: Response): string[] {
  return [...headers.keys()].filter((name) => name.startsWith('access-control-'));
}

function preflight(app: TestApp, path: string, origin: string, method = 'POST'): Promise<Response> {
  const headers = {
    Origin: origin,
    'Access-Control-Request-Method': method,
    'Access-Control-Request-Headers': 'authorization,content-type',
  };
  return fetch(app.url + path, { method: 'OPTIONS', headers });
}

describe('CORS with permitted origins', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp({ CORS_ORIGINS: `${ORIGIN}, https://app.example.com` });
    await app.createUser();
  });
  afterAll(() => app.close());

  it.each([ORIGIN, 'https://app.example.com'])(
    'lets a page on %s log in and read',
    async (Origin) => {
      const login = await app.login({}, { Origin });
      expect(login.status).toBe(200);
      const { access_token } = (await login.json()) as { access_token: string };
      const headers = { Origin, Authorization: `Bearer ${access_token}` };
      const profile = await fetch(`${app.url}/users/me`, { headers });
      expect(profile.status).toBe(200);
      for (const response of [login, profile]) {
        expect(response.headers.get('access-control-allow-origin')).toBe(Origin);
        expect(response.headers.get('vary')).toBe('Origin');
        expect(response.headers.has('access-control-allow-credentials')).toBe(false);
      }
    },
  );

  it.each([
    ['401', '/users/me', {}],
    ['404', '/nothing', {}],
    ['405', '/token', {}],
    ['415', '/users/me', { 'Content-Encoding': 'gzip' }],
  ])('lets the page read errors too, including their headers: %s', async (status, path, more) => {
    const response = await fetch(app.url + path, { headers: { Origin: ORIGIN, ...more } });
    expect(response.status).toBe(Number(status));
    expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    const exposed = response.headers.get('access-control-expose-headers')?.split(',');
    expect(exposed).toEqual(expect.arrayContaining(['Retry-After', 'WWW-Authenticate']));
  });

  it.each([
    ['/token', 'POST'],
    ['/users/me', 'GET'],
    ['/users/me/', 'GET'],
  ])('answers the preflight for %s', async (path, method) => {
    const { status, headers } = await preflight(app, path, ORIGIN, method);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(headers.get('access-control-allow-methods')?.split(',')).toContain(method);
    expect(headers.get('access-control-allow-headers')?.toLowerCase().split(',')).toEqual(
      expect.arrayContaining(['authorization', 'content-type']),
    );
    expect(Number(headers.get('access-control-max-age'))).toBeGreaterThan(0);
    expect(headers.get('vary')).toContain('Origin');
  });

  it.each([
    'http://localhost:3001',
    'https://localhost:3000',
    'http://localhost',
    'http://LOCALHOST:3000',
    `${ORIGIN}/`,
    'http://evil.test',
    'https://app.example.com.evil.test',
    'https://evil-app.example.com',
    'https://x.app.example.com',
    'null',
  ])('is off for %s', async (Origin) => {
    const response = await app.login({}, { Origin });
    expect(response.status).toBe(200);
    expect(corsHeaders(response)).toEqual([]);
    expect(response.headers.get('vary')).toBe('Origin');
    const options = await preflight(app, '/token', Origin);
    expect(options.headers.get('allow')).toBe('POST');
    expect(corsHeaders(options)).toEqual([]);
    await expectOAuthError(options, 405, 'invalid_request');
  });

  it('sends Vary: Origin where there is none, because of caches', async () => {
    const response = await fetch(`${app.url}/users/me`);
    expect(response.headers.get('vary')).toBe('Origin');
    expect(corsHeaders(response)).toEqual([]);
  });
});

describe('CORS without permitted origins', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp();
  });
  afterAll(() => app.close());

  it.each([
    ['/token', 'POST'],
    ['/users/me', 'GET, HEAD, PATCH, DELETE'],
  ])('is off: %s', async (path, allow) => {
    for (const Origin of [ORIGIN, 'null', app.url]) {
      const response = await fetch(app.url + path, { headers: { Origin } });
      expect(corsHeaders(response)).toEqual([]);
      expect(response.headers.has('vary')).toBe(false);
      const options = await preflight(app, path, Origin);
      expect(options.status).toBe(405);
      expect(options.headers.get('allow')).toBe(allow);
      expect(corsHeaders(options)).toEqual([]);
    }
  });
});
