import { mkdirSync } from 'node:fs';
import type { Server } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { UserScopesService } from '../../src/users/user-scopes.service.js';
import { launchBrowser, openPage, type Watched } from '../support/browser.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/create-test-app.js';
import { startPrefixProxy, urlOf } from '../support/prefix-proxy.js';

let app: TestApp;
let proxy: Server;
let browser: Browser;
let watched: Watched;
let page: Page;

beforeAll(async () => {
  app = await createTestApp({ ACCESS_TOKEN_EXPIRE_MINUTES: '30' });
  await app.createUser({ email: 'alex@example.com', fullName: 'Alex Kasai' });
  proxy = await startPrefixProxy('/auth', app.port);
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  proxy.close();
  await app.close();
});

beforeEach(async () => {
  watched = await openPage(browser);
  page = watched.page;
});

/** The page works offline: nothing is requested from another host. */
afterEach(async () => {
  await page.context().close();
  const hosts = new Set(watched.requests.map((url) => new URL(url).hostname));
  expect([...hosts]).toEqual(['127.0.0.1']);
});

const dialog = () => page.locator('.modal-ux');
const operation = (id: string) => page.locator(`[id$="-${id}"]`);

async function openDialog(url: string): Promise<void> {
  await page.goto(url);
  await page.locator('.auth-wrapper .authorize').click();
}

async function fillIn(username: string, password: string): Promise<void> {
  await dialog().locator('#oauth_username').fill(username);
  await dialog().locator('#oauth_password').fill(password);
}

async function authorize(password: string): Promise<void> {
  await fillIn('alex', password);
  await dialog().locator('button.authorize').click();
}

async function isAuthorized(): Promise<void> {
  await dialog().getByText('Logout').waitFor();
}

/** Opens the operation and sends it. @returns the status and the body that the page shows */
async function execute(id: string): Promise<{ status: string; body: string }> {
  await operation(id).locator('.opblock-summary').click();
  await operation(id).locator('.execute').click();
  const answer = operation(id).locator('.live-responses-table .response');
  const status = await answer.locator('.response-col_status').innerText();
  const body = await answer.locator('.highlight-code code').first().innerText();
  return { status: status.trim(), body };
}

describe('the docs page', () => {
  it('has a lock on operations that need a token, and none on the login', async () => {
    await page.goto(`${app.url}/docs`);
    await operation('requestToken').waitFor();
    const lock = '.authorization__btn';
    expect(await operation('readProfile').locator(lock).count()).toBe(1);
    expect(await operation('requestToken').locator(lock).count()).toBe(0);
    expect(await operation('checkLiveness').locator(lock).count()).toBe(0);
    expect(await page.title()).toBe('latchkey');
    expect(watched.complaints).toEqual([]);
  });

  it('asks in its dialog for the fields of the password flow', async () => {
    await openDialog(`${app.url}/docs`);
    const text = await dialog().innerText();
    expect(text).toContain('OAuth2PasswordBearer (OAuth2, password)');
    expect(text).toContain('Token URL: token');
    expect(await dialog().locator('#oauth_password').getAttribute('type')).toBe('password');
    expect(text).not.toContain('ClientSecretBasic');
    expect(await dialog().locator('#oauth_username:focus').count()).toBe(1);
  });

  it('asks for a client where one is needed', async () => {
    await page.goto(`${app.url}/docs`);
    await operation('introspectToken').locator('.authorization__btn').click();
    const text = await dialog().innerText();
    expect(text).toMatch(/ClientSecretBasic\s+\(http, Basic\)/);
    expect(text).not.toContain('OAuth2PasswordBearer');
  });

  it('says so when the password is wrong', async () => {
    await openDialog(`${app.url}/docs`);
    await authorize('wrong');
    const error = dialog().locator('.errors');
    await error.waitFor();
    expect(await error.innerText()).toContain('Incorrect username or password');
  });

  it('gets 401 without a token', async () => {
    await page.goto(`${app.url}/docs`);
    const { status, body } = await execute('readProfile');
    expect(status).toBe('401');
    expect(JSON.parse(body)).toMatchObject({ detail: 'Not authenticated' });
  });

  it.each([
    ['', '/docs'],
    ['', '/docs/'],
    ['', '/docs/#/users'],
    ['/auth', '/auth/docs'],
    ['/auth', '/auth/docs/'],
  ])('behind the prefix "%s" logs in and reads the profile from %s', async (prefix, path) => {
    const origin = prefix === '' ? app.url : urlOf(proxy);
    await openDialog(origin + path);
    await authorize(PASSWORD);
    await isAuthorized();
    await dialog().locator('.btn-done').click();
    const { status, body } = await execute('readProfile');
    expect(status).toBe('200');
    expect(JSON.parse(body)).toEqual({
      'user data': {
        ...{ username: 'alex', email: 'alex@example.com' },
        ...{ full_name: 'Alex Kasai', disabled: false },
      },
    });
    expect(watched.requests).toContain(`${origin}${prefix}/token`);
    expect(watched.requests).toContain(`${origin}${prefix}/users/me`);
    expect(watched.complaints).toEqual([]);
  });

  it('has the scopes in the dialog, and requests those that are ticked', async () => {
    await app.createUser({ username: 'rita' });
    await app.app.get(UserScopesService).grant('rita', ['users:read', 'users:write']);
    await openDialog(`${app.url}/docs`);
    await fillIn('rita', PASSWORD);
    await dialog().locator('label', { hasText: 'users:read' }).click();
    await dialog().locator('button.authorize').click();
    await isAuthorized();
    await dialog().locator('.btn-done').click();
    expect((await execute('listUsers')).status).toBe('200');
    const { status, body } = await execute('invite');
    expect(status).toBe('403');
    expect(JSON.parse(body)).toMatchObject({ code: 'insufficient_scope' });
  });

  it('forgets the token with the page', async () => {
    await openDialog(`${app.url}/docs`);
    await authorize(PASSWORD);
    await isAuthorized();
    await page.reload();
    expect((await execute('readProfile')).status).toBe('401');
  });
});

describe('the screenshots in README.md', () => {
  /** Those in the repository are written only on request: UPDATE_SCREENSHOTS=1 npm run test:browser. */
  const folder = () =>
    process.env.UPDATE_SCREENSHOTS ? 'docs/images' : app.folder.join('screenshots');

  it('show the dialog and the page', async () => {
    mkdirSync(folder(), { recursive: true });
    await page.setViewportSize({ width: 1000, height: 800 });
    await openDialog(`${app.url}/docs`);
    await fillIn('alex', PASSWORD);
    await dialog().getByText('Manage the users').scrollIntoViewIfNeeded();
    await page.screenshot({ path: `${folder()}/authorize.png`, caret: 'hide' });
    await dialog().locator('button.authorize').click();
    await dialog().locator('.btn-done').click();
    // High enough for all that the picture shows, so that nothing scrolls.
    await page.setViewportSize({ width: 1000, height: 1600 });
    await execute('readProfile');
    const { y: top } = (await page.locator('.auth-wrapper').boundingBox())!;
    const body = (await operation('readProfile').locator('.highlight-code').first().boundingBox())!;
    const clip = { x: 0, y: top - 30, width: 1000, height: body.y + body.height - top + 40 };
    await page.screenshot({
      path: `${folder()}/docs.png`,
      animations: 'disabled',
      caret: 'hide',
      clip,
    });
  });
});
