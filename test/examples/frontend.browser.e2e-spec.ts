import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { PASSWORD } from '../support/create-test-app.js';
import { Devices } from '../support/devices.js';
import { Es256Latchkey } from '../support/es256-latchkey.js';
import { Frontend } from '../support/frontend.js';
import { freePort } from '../support/postgres.js';
import { until } from '../support/until.js';

const THREE_SECONDS = { ACCESS_TOKEN_EXPIRE_MINUTES: '0.05' };

let devices: Devices;
let latchkey: Es256Latchkey;
let frontend: Frontend;

async function startBoth(changes: Record<string, string>): Promise<void> {
  const port = await freePort();
  latchkey = await Es256Latchkey.start({ CORS_ORIGINS: `http://localhost:${port}`, ...changes });
  frontend = await Frontend.serve(port, latchkey.url);
}

async function stopBoth(): Promise<void> {
  await frontend.close();
  await latchkey.remove();
}

beforeAll(async () => {
  devices = await Devices.launch();
});
afterEach(async () => {
  expect(await devices.clear()).toEqual([]);
});
afterAll(() => devices.remove());

function openFrontend(device?: BrowserContext): Promise<Page> {
  return devices.open(frontend.url, device);
}

async function logIn(page: Page, username = 'alex', password = PASSWORD): Promise<void> {
  const form = page.locator('#login');
  await form.getByLabel('Username').fill(username);
  await form.getByLabel('Password').fill(password);
  await form.getByRole('button', { name: 'Log in' }).click();
}

async function openLoggedIn(username = 'alex', userAgent?: string): Promise<Page> {
  const page = await openFrontend(await devices.add(userAgent === undefined ? {} : { userAgent }));
  await logIn(page, username);
  await showsAccount(page);
  return page;
}

/** Waits until the account is shown, profile and devices. */
async function showsAccount(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'Welcome, ' }).waitFor();
  await page.getByText('this device').waitFor();
}

async function showsLogin(page: Page, reason = ''): Promise<void> {
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  await until(async () => (await page.locator('#login-reason').textContent()) === reason);
}

/** Collects the refresh tokens that the pages of a device send, in their order. */
function watchExchanges(context: BrowserContext): string[] {
  const sent: string[] = [];
  context.on('request', (request) => {
    const token = new URLSearchParams(request.postData() ?? '').get('refresh_token');
    if (token !== null) sent.push(token);
  });
  return sent;
}

/** Slows the network down for each exchange. @returns how many were in flight at once, at most */
async function slowDownExchanges(context: BrowserContext): Promise<() => number> {
  const count = { now: 0, most: 0 };
  await context.route('**/token', async (route) => {
    count.most = Math.max(count.most, ++count.now);
    const response = await route.fetch();
    await sleep(300);
    count.now--;
    await route.fulfill({ response });
  });
  return () => count.most;
}

describe('the example of a frontend', () => {
  beforeAll(() => startBoth(THREE_SECONDS));
  afterAll(stopBoth);

  it('shows the service’s message for a wrong password', async () => {
    const page = await openFrontend();
    await logIn(page, 'alex', 'wrong');
    await page.getByRole('alert').getByText('Incorrect username or password').waitFor();
    await logIn(page);
    await showsAccount(page);
  });

  it('shows the profile', async () => {
    const page = await openLoggedIn();
    const facts = await page.getByRole('definition').allTextContents();
    expect(facts).toEqual(['alex', 'Alex Kasai', 'alex@example.com']);
  });

  it('shows text as text, whatever it looks like', async () => {
    const page = await openLoggedIn('sam', '<b>Robot</b>');
    await page.getByRole('heading', { name: '<img src="x" onerror="alert(1)">' }).waitFor();
    await page.getByText('<b>Robot</b>').waitFor();
  });

  it('runs no inline script', async () => {
    const page = await openFrontend();
    const inject = `
      const script = document.createElement('script');
      try { script.textContent = 'document.title = "run"'; } catch { /* Not even that. */ }
      document.head.append(script);
      document.title === 'run'`;
    const ran = await page.evaluate(inject);
    expect(ran).toBe(false);
    const { complaints } = devices.tabs.at(-1)!;
    await until(() => complaints.length > 0);
    expect(complaints.splice(0).join()).toContain('blocked');
  });

  it('stays logged in in all tabs for many generations, one exchange at a time', async () => {
    const context = await devices.add();
    const exchanges = watchExchanges(context);
    const mostAtOnce = await slowDownExchanges(context);
    const pages = [await openFrontend(context), await openFrontend(context)];
    await logIn(pages[0]!);
    await showsAccount(pages[0]!);
    // It has noticed the login in the other tab.
    await showsAccount(pages[1]!);
    pages.push(...(await Promise.all([openFrontend(context), openFrontend(context)])));
    const generations = exchanges.length + 2 * pages.length;
    await until(() => exchanges.length >= generations);
    for (const page of pages) await showsAccount(page);
    expect(mostAtOnce()).toBe(1);
    expect(new Set(exchanges).size).toBe(exchanges.length);
    await context.unrouteAll({ behavior: 'ignoreErrors' });
  });

  it('stays logged in when the answer to an exchange gets lost', async () => {
    const page = await openLoggedIn();
    const exchanges = watchExchanges(page.context());
    await page.route('**/token', async (route) => {
      await route.fetch();
      await route.abort();
      await page.unroute('**/token');
    });
    await page.getByText('The service cannot be reached. Trying again').waitFor();
    await until(() => exchanges.length === 3);
    await showsAccount(page);
    expect(exchanges[1]).toBe(exchanges[0]);
    expect(exchanges[2]).not.toBe(exchanges[0]);
  });

  it('shows a login elsewhere, and ends it', async () => {
    const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
    const page = await openLoggedIn('kim');
    const elsewhere = await openLoggedIn('kim', firefox);
    await page.reload();
    await showsAccount(page);
    const logins = page.locator('#devices').getByRole('listitem');
    expect(await logins.count()).toBe(2);
    expect(await logins.filter({ hasText: 'this device' }).count()).toBe(1);
    await page.getByRole('button', { name: 'Log out Firefox on Linux' }).click();
    await until(async () => (await logins.count()) === 1);
    await showsLogin(elsewhere, 'Your login has ended. Please log in again.');
    await showsAccount(page);
  });

  it('logs out in every tab, and at the service', async () => {
    const page = await openLoggedIn();
    const other = await openFrontend(page.context());
    await showsAccount(other);
    const revocation = page.waitForResponse(`${latchkey.url}/revoke`);
    await page.getByRole('button', { name: 'Log out', exact: true }).click();
    await showsLogin(page);
    await showsLogin(other, 'Logged out in another tab.');
    expect((await revocation).status()).toBe(200);
    await other.reload();
    await showsLogin(other);
  });

  it('logs out everywhere', async () => {
    const page = await openLoggedIn();
    const elsewhere = await openLoggedIn();
    await page.getByRole('button', { name: 'Log out everywhere' }).click();
    await showsLogin(page);
    await showsLogin(elsewhere, 'Your login has ended. Please log in again.');
  });

  it('says so while the service is down, and continues once it is back', async () => {
    const page = await openLoggedIn();
    await latchkey.stop();
    await page.getByText('The service cannot be reached. Trying again').waitFor();
    expect(await page.getByRole('heading', { name: 'Welcome, Alex Kasai' }).isVisible()).toBe(true);
    const late = await openFrontend(page.context());
    await late.getByText('The service cannot be reached. Trying again').waitFor();
    await latchkey.startAgain();
    for (const tab of [page, late]) {
      await until(async () => (await tab.locator('#stuck').textContent()) === '');
      await showsAccount(tab);
    }
  });

  it('logs out while the service is down, and says that the service does not know', async () => {
    const page = await openLoggedIn();
    await latchkey.stop();
    await page.getByRole('button', { name: 'Log out', exact: true }).click();
    await page.getByText('Logged out here. The service cannot be reached.').waitFor();
    await latchkey.startAgain();
    await page.reload();
    await showsLogin(page);
  });
});

describe('the example of a frontend, without refresh tokens', () => {
  beforeAll(() => startBoth({ ...THREE_SECONDS, REFRESH_TOKEN_EXPIRE_DAYS: '0' }));
  afterAll(stopBoth);

  it('asks for another login when the access token has expired', async () => {
    const page = await openLoggedIn();
    await showsLogin(page, 'Please log in again.');
  });
});
