import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { type DeliveredMail, mailsIn } from '../support/delivered-mail.js';
import { Devices } from '../support/devices.js';
import { Frontend } from '../support/frontend.js';
import { freePort } from '../support/postgres.js';
import { runCli, type ServiceProcess, startService } from '../support/processes.js';
import { TemporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

const PASSWORD = 'seven green bottles';
const SECOND = 'eight brown kettles';
const THIRD = 'nine yellow teapots';

const BAD_LINK = 'The link is invalid: it was used, has expired, or there is a newer one.';
const ON_ITS_WAY = 'If the address is right, a mail is on its way.';
const NOT_LOGGED_IN = 'Incorrect username or password';

let devices: Devices;
let folder: TemporaryFolder;
let service: ServiceProcess;
let frontend: Frontend;
let environment: Record<string, string>;

async function startBoth(changes: Record<string, string>): Promise<void> {
  const [port, pagePort] = [await freePort(), await freePort()];
  const page = `http://localhost:${pagePort}`;
  folder = new TemporaryFolder();
  environment = { PORT: String(port), CORS_ORIGINS: page, APP_URL: page, ...changes };
  service = await startService(folder, environment);
  frontend = await Frontend.serve(pagePort, service.url);
}

async function stopBoth(): Promise<void> {
  await frontend.close();
  await service.end();
  await folder.remove();
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

/** The address of a view, as the links in mails have it. */
const addressOf = (action: string) => `${frontend.url}#action=${action}`;

/** Waits for the first message to an address with such a subject. */
function mailTo(address: string, subject: string): Promise<DeliveredMail> {
  return until(async () => {
    const mails = await mailsIn(folder.join('mail'));
    return mails.find((mail) => mail.to === address && mail.subject.startsWith(subject)) ?? false;
  });
}

interface SignUp {
  username: string;
  password?: string;
  email?: string;
  fullName?: string;
}

async function signUp(page: Page, { username, ...more }: SignUp): Promise<void> {
  await page.getByRole('link', { name: 'Sign up' }).click();
  const form = page.locator('#sign-up');
  await form.getByLabel('Username').fill(username);
  await form.getByLabel('Password', { exact: true }).fill(more.password ?? PASSWORD);
  await form.getByLabel('E-mail').fill(more.email ?? '');
  await form.getByLabel('Full name').fill(more.fullName ?? '');
  await form.getByRole('button', { name: 'Sign up' }).click();
}

async function logIn(page: Page, username: string, password: string): Promise<void> {
  const form = page.locator('#login');
  await form.getByLabel('Username').fill(username);
  await form.getByLabel('Password').fill(password);
  await form.getByRole('button', { name: 'Log in' }).click();
}

async function showsAccount(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'Welcome, ' }).waitFor();
  await page.getByText('this device').waitFor();
}

async function says(page: Page, text: string): Promise<void> {
  await page.getByText(text, { exact: true }).waitFor();
}

/** Waits until a field is refused. @returns its accessible error message */
async function refusal(page: Page, id: string): Promise<string | null> {
  await page.locator(`#${id}[aria-invalid]:focus`).waitFor();
  const told = (await page.locator(`#${id}`).getAttribute('aria-describedby'))!.split(' ')[0];
  return page.locator(`#${told}`).textContent();
}

/** A user whose address is verified, without the page. */
async function makeUser(username: string): Promise<string> {
  const email = `${username}@example.com`;
  const args = ['user', 'create', username, '--email', email, '--password-stdin'];
  const { status, stderr } = await runCli(folder, args, { ...environment, input: PASSWORD });
  if (status !== 0) throw new Error(stderr);
  return email;
}

/** What the browser remembers of where its page was. */
async function historyOf(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { entries } = await session.send('Page.getNavigationHistory');
  return entries.map(({ url }) => url);
}

/** All that is stored in the browser for the page's origin. */
function storedIn(page: Page): Promise<unknown> {
  return page.evaluate(`(async () => {
    const keys = await Promise.all((await indexedDB.databases()).map(({ name }) =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open(name);
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const names = [...opening.result.objectStoreNames];
          const reading = opening.result.transaction(names).objectStore(names[0]).getAllKeys();
          reading.onsuccess = () => resolve(reading.result);
        };
      })));
    return [...keys.flat(), ...Object.keys(localStorage), ...Object.keys(sessionStorage), document.cookie]
      .filter(Boolean);
  })()`);
}

/** Presses the Tab key until an element with this name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  const names: unknown[] = [];
  while (names.at(-1) !== name) {
    if (names.length > 40) throw new Error(`Not among ${names.join(', ')}`);
    await page.keyboard.press('Tab');
    names.push(
      await page.evaluate(`(() => {
        const { labels, textContent } = document.activeElement;
        return (labels?.[0]?.textContent ?? textContent).trim();
      })()`),
    );
  }
}

async function hasFocus(page: Page, id: string): Promise<void> {
  await page.locator(`#${id}:focus`).waitFor();
}

describe('the example of a frontend, where addresses have to be verified', () => {
  beforeAll(() => startBoth({ REGISTRATION: 'open', EMAIL_VERIFICATION: 'required' }));
  afterAll(stopBoth);

  it('covers the whole life of an account', async () => {
    const page = await openFrontend();
    await signUp(page, { username: 'alex', email: 'alex@example.com', fullName: 'Alex Kasai' });
    await says(page, ON_ITS_WAY);
    await page.getByRole('link', { name: 'Log in' }).click();
    await logIn(page, 'alex', PASSWORD);
    await says(page, 'E-mail address not verified');

    await page.goto((await mailTo('alex@example.com', 'Confirm your e-mail')).link);
    await page.getByRole('button', { name: 'Confirm the address' }).click();
    await says(page, 'The address is confirmed. You can log in now.');
    await logIn(page, 'alex', PASSWORD);
    await showsAccount(page);

    await page.getByText('Change the name').click();
    await page.getByLabel('Full name').last().fill('Alex K.');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Welcome, Alex K.' }).waitFor();

    await page.getByText('Change the e-mail address').click();
    await page.getByLabel('New e-mail address').fill('alex@example.org');
    await page.locator('#email-form').getByLabel('Your password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Send a link there' }).click();
    await page.getByText('The address changes once you open the link in it.').waitFor();
    await mailTo('alex@example.com', 'A change of your e-mail address');
    expect(await page.locator('#profile-email').textContent()).toBe('alex@example.com');
    await page.goto((await mailTo('alex@example.org', 'Confirm your new')).link);
    await page.getByRole('button', { name: 'Confirm the address' }).click();
    await says(page, 'The address is confirmed.');
    await page.getByRole('definition').getByText('alex@example.org').waitFor();
    await mailTo('alex@example.com', 'Your e-mail address at');

    const elsewhere = await openFrontend();
    await logIn(elsewhere, 'alex', PASSWORD);
    await showsAccount(elsewhere);
    await page.getByText('Change the password').click();
    await page.getByLabel('Current password').fill(PASSWORD);
    await page.locator('#password-new').fill(SECOND);
    await page.getByRole('button', { name: 'Set the password' }).click();
    await says(page, 'The password is changed. Other devices are logged out.');
    await elsewhere.reload();
    await says(elsewhere, 'Your login has ended. Please log in again.');
    await page.reload();
    await showsAccount(page);
    await page.getByRole('button', { name: 'Log out', exact: true }).click();

    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    await page.locator('#ask-password').getByLabel('E-mail').fill('Alex@Example.org');
    await page.getByRole('button', { name: 'Send the link' }).click();
    await says(page, ON_ITS_WAY);
    const { link } = await mailTo('alex@example.org', 'Choose a new password');
    await page.goto(link);
    await page.locator('#new-password-new').fill(THIRD);
    await page.getByRole('button', { name: 'Set the password' }).click();
    await says(page, 'Your password is changed. Log in with it.');
    await logIn(page, 'alex', SECOND);
    await says(page, NOT_LOGGED_IN);
    await logIn(page, 'alex', THIRD);
    await showsAccount(page);

    await page.getByText('Download your data').click();
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download' }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe('account.json');
    const data = JSON.parse(readFileSync(await download.path(), 'utf8')) as object;
    expect(data).toMatchObject({
      username: 'alex',
      email: 'alex@example.org',
      full_name: 'Alex K.',
    });

    await page.getByText('Delete the account').first().click();
    await page.locator('#delete-form').getByLabel('Your password').fill(SECOND);
    await page.getByRole('button', { name: 'Delete the account' }).click();
    // Not without the confirmation.
    await page.getByLabel('I want to delete my account').check();
    await page.getByRole('button', { name: 'Delete the account' }).click();
    expect(await refusal(page, 'delete-password')).toBe('Your password is incorrect.');
    await page.locator('#delete-form').getByLabel('Your password').fill(THIRD);
    await page.getByRole('button', { name: 'Delete the account' }).click();
    await says(page, 'Your account is deleted.');
    expect(await storedIn(page)).toEqual([]);
    expect(await page.content()).not.toContain('Alex K.');
    await logIn(page, 'alex', THIRD);
    await says(page, NOT_LOGGED_IN);
    expect((await historyOf(page)).join()).not.toContain('token');
  });

  it('says next to the field what is refused', async () => {
    await makeUser('mary');
    const page = await openFrontend();
    await signUp(page, { username: 'kim', password: 'iloveyou', email: 'kim@example.com' });
    expect(await refusal(page, 'sign-up-password')).toBe(
      'Password is one of the most common passwords.',
    );
    await page.locator('#sign-up-password').fill(PASSWORD);
    await page.locator('#sign-up-username').fill('Mary');
    await page.keyboard.press('Enter');
    expect(await refusal(page, 'sign-up-username')).toBe('Username is taken.');
    expect(await page.locator('#sign-up-password').getAttribute('aria-describedby')).toBe(
      'sign-up-password-hint',
    );
    await page.locator('#sign-up-username').fill('k m');
    await page.locator('#sign-up-email').fill('');
    await page.keyboard.press('Enter');
    expect(await refusal(page, 'sign-up-username')).toBe(
      'Username must have letters, digits and the characters . _ - @ + only.',
    );
    await page.locator('#sign-up-username').fill('kim');
    await page.keyboard.press('Enter');
    expect(await refusal(page, 'sign-up-email')).toBe('E-mail is required.');
  });

  it('says that a link was used, and offers another one', async () => {
    const page = await openFrontend();
    await signUp(page, { username: 'robin', email: 'robin@example.com' });
    const { link } = await mailTo('robin@example.com', 'Confirm your e-mail');
    for (const answer of ['The address is confirmed. You can log in now.', BAD_LINK]) {
      await page.goto(link);
      await page.getByRole('button', { name: 'Confirm the address' }).click();
      await says(page, answer);
    }
    await hasFocus(page, 'ask-verification-email');
    await page.locator('#ask-verification-email').fill('robin@example.com');
    await page.keyboard.press('Enter');
    await says(page, ON_ITS_WAY);
  });

  it('takes the token out of the address at once, and changes nothing by that', async () => {
    const email = await makeUser('sam');
    const page = await openFrontend();
    await page.goto(addressOf('reset-password'));
    await page.locator('#ask-password-email').fill(email);
    await page.keyboard.press('Enter');
    const { link, token } = await mailTo(email, 'Choose a new password');
    // Into a page that is open already, and into a new one.
    await page.goto(link);
    const other = await devices.open(link);
    for (const tab of [page, other]) {
      await hasFocus(tab, 'new-password-new');
      expect(tab.url()).toBe(addressOf('reset-password').replace('#', '/#'));
      expect((await historyOf(tab)).join()).not.toContain(token);
      expect(await storedIn(tab)).toEqual([]);
      expect(await tab.content()).not.toContain(token);
    }
    expect(devices.tabs.flatMap(({ requests }) => requests).join()).not.toContain(token);
    await other.locator('#new-password-new').fill('iloveyou');
    await other.keyboard.press('Enter');
    expect(await refusal(other, 'new-password-new')).toBe(
      'New password is one of the most common passwords.',
    );
    await other.locator('#new-password-new').fill(SECOND);
    await other.keyboard.press('Enter');
    await says(other, 'Your password is changed. Log in with it.');
    await page.locator('#new-password-new').fill(THIRD);
    await page.keyboard.press('Enter');
    await says(page, BAD_LINK);
    await logIn(other, 'sam', SECOND);
    await showsAccount(other);
  });

  it('can be used with the keyboard alone', async () => {
    const page = await openFrontend();
    const { keyboard } = page;
    await hasFocus(page, 'username');
    await tabTo(page, 'Sign up');
    await keyboard.press('Enter');
    await hasFocus(page, 'sign-up-username');
    await keyboard.type('toni');
    await tabTo(page, 'Password');
    await keyboard.type(PASSWORD);
    await tabTo(page, 'Show the password');
    await keyboard.press('Space');
    expect(await page.locator('#sign-up-password').getAttribute('type')).toBe('text');
    await tabTo(page, 'E-mail');
    await keyboard.type('toni@example.com');
    await keyboard.press('Enter');
    await hasFocus(page, 'sent-heading');
    await page.goto((await mailTo('toni@example.com', 'Confirm your e-mail')).link);
    await hasFocus(page, 'confirm-email-heading');
    await tabTo(page, 'Confirm the address');
    await keyboard.press('Enter');
    await hasFocus(page, 'username');
    await keyboard.type('toni');
    await tabTo(page, 'Password');
    await keyboard.type(PASSWORD);
    await keyboard.press('Enter');
    await hasFocus(page, 'account-heading');
    await showsAccount(page);
    await tabTo(page, 'Change the name');
    await keyboard.press('Enter');
    await tabTo(page, 'Full name');
    await keyboard.type('Toni Q.');
    await keyboard.press('Enter');
    await page.locator('#change-name summary:focus').waitFor();
    await says(page, 'The name is changed.');
    await tabTo(page, 'Delete the account');
    await keyboard.press('Enter');
    await tabTo(page, 'Your password');
    await keyboard.type(PASSWORD);
    await tabTo(page, 'I want to delete my account');
    await keyboard.press('Space');
    await keyboard.press('Enter');
    await says(page, 'Your account is deleted.');
    await hasFocus(page, 'username');
  });

  it('fits into 320 pixels', async () => {
    await makeUser('jo');
    const page = await openFrontend(await devices.add({ viewport: { width: 320, height: 600 } }));
    const width = () => page.evaluate('document.documentElement.scrollWidth');
    for (const action of ['sign-up', 'reset-password', 'verify-email']) {
      for (const token of ['', '&token=x']) {
        await page.goto(addressOf(action) + token);
        expect(await width()).toBe(320);
      }
    }
    await page.goto(frontend.url);
    await logIn(page, 'jo', PASSWORD);
    await showsAccount(page);
    for (const summary of await page.locator('summary').all()) {
      await summary.click();
      expect(await width()).toBe(320);
    }
  });
});

describe('the example of a frontend, for invited users', () => {
  beforeAll(() => startBoth({ REGISTRATION: 'invite' }));
  afterAll(stopBoth);

  it('asks for the invitation when there has to be one, and logs in at once', async () => {
    const { stdout } = await runCli(folder, ['user', 'invite', '--json'], environment);
    const { invitation } = JSON.parse(stdout) as { invitation: string };
    const page = await openFrontend();
    await signUp(page, { username: 'alex' });
    await says(page, 'Signing up needs an invitation that has not been used.');
    await hasFocus(page, 'sign-up-invitation');
    await page.keyboard.type('made up');
    await page.keyboard.press('Enter');
    expect(await refusal(page, 'sign-up-invitation')).toBe('Invitation is invalid.');
    await page.getByLabel('Invitation').fill(invitation);
    await page.keyboard.press('Enter');
    await showsAccount(page);
    expect(await page.getByRole('definition').allTextContents()).toEqual(['alex', '–', '–']);
  });
});

describe('the example of a frontend, where nobody can sign up', () => {
  beforeAll(() => startBoth({ REGISTRATION: 'closed' }));
  afterAll(stopBoth);

  it('says so', async () => {
    const page = await openFrontend();
    await signUp(page, { username: 'alex' });
    await says(page, 'Sign-up is closed; ask for an account.');
    await hasFocus(page, 'sign-up-heading');
    expect(await page.getByRole('button', { name: 'Sign up' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Log in instead' }).click();
    await hasFocus(page, 'username');
  });
});
