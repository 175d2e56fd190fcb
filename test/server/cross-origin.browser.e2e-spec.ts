import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { launchBrowser, openPage } from '../support/browser.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/create-test-app.js';
import { urlOf } from '../support/prefix-proxy.js';

let permitted: Server;
let stranger: Server;
let app: TestApp;
let browser: Browser;

beforeAll(async () => {
  permitted = await servePage();
  stranger = await servePage();
  app = await createTestApp({ CORS_ORIGINS: urlOf(permitted) });
  await app.createUser();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  await app.close();
  permitted.close();
  stranger.close();
});

/** A frontend's own server, on another origin. */
async function servePage(): Promise<Server> {
  const server = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>A frontend</title>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

type Form = 'FormData' | 'URLSearchParams';

/** What a frontend does, run in its page. @returns what it could read, or the name of the error it got */
async function logInFrom(page: Server, form: Form, password = PASSWORD): Promise<unknown> {
  const watched = await openPage(browser);
  await watched.page.goto(urlOf(page));
  const outcome = await watched.page.evaluate(logInAndRead, { url: app.url, form, password });
  await watched.page.context().close();
  return outcome;
}

async function logInAndRead(options: { url: string; form: Form; password: string }) {
  const { url, form, password } = options;
  const body = form === 'FormData' ? new FormData() : new URLSearchParams();
  body.append('username', 'alex');
  body.append('password', password);
  try {
    const login = await fetch(`${url}/token`, { method: 'POST', body });
    if (!login.ok) return { detail: ((await login.json()) as { detail: string }).detail };
    const { access_token } = (await login.json()) as { access_token: string };
    const headers = { Authorization: `Bearer ${access_token}` };
    return await (await fetch(`${url}/users/me`, { headers })).json();
  } catch (error) {
    return (error as Error).name;
  }
}

describe.each(['FormData', 'URLSearchParams'] as const)('a page that sends %s', (form) => {
  it('on a permitted origin logs in and reads the profile', async () => {
    expect(await logInFrom(permitted, form)).toMatchObject({ 'user data': { username: 'alex' } });
  });

  it('on a permitted origin can say why a login failed', async () => {
    const detail = 'Incorrect username or password';
    expect(await logInFrom(permitted, form, 'wrong')).toEqual({ detail });
  });

  it('on any other origin can read nothing', async () => {
    expect(await logInFrom(stranger, form)).toBe('TypeError');
  });
});

describe('a page that reads the profile with a token', () => {
  it.each([
    ['a permitted origin', () => permitted, 200],
    ['any other origin', () => stranger, 'TypeError'],
  ])('on %s', async (_, server, expected) => {
    const headers = { Authorization: `Bearer ${await app.accessToken()}` };
    const { page } = await openPage(browser);
    await page.goto(urlOf(server()));
    const outcome = await page.evaluate(
      ([url, headers]) =>
        fetch(`${url}/users/me`, { headers }).then(
          ({ status }) => status,
          (error: unknown) => (error as Error).name,
        ),
      [app.url, headers] as const,
    );
    expect(outcome).toBe(expected);
    await page.context().close();
  });
});
