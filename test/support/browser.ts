import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The Chromium to drive: `CHROMIUM_PATH`, or the first one at the usual places. */
function findChromium(): string {
  const path = process.env.CHROMIUM_PATH ?? PLACES.find((place) => existsSync(place));
  if (path !== undefined && existsSync(path)) return path;
  throw new Error(
    "There is no Chromium for the browser tests. Install one (Debian's package is chromium), or say where it is in CHROMIUM_PATH.",
  );
}

/** A Chromium that contacts nobody on its own. */
export function launchBrowser(): Promise<Browser> {
  // Chromium's sandbox refuses to run as root.
  const forRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({
    executablePath: findChromium(),
    args: [
      ...forRoot,
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A page, and what a test may want to know about it. */
export interface Watched {
  page: Page;
  /** The URL of every request over the network. */
  requests: string[];
  /** What the browser complained about: scripts that failed, and what the page's policy refused. */
  complaints: string[];
}

/** Opens an empty page in a new session. */
export async function openPage(browser: Browser): Promise<Watched> {
  return openTab(await browser.newContext({ viewport: { width: 1100, height: 900 } }));
}

/** Opens another empty page in a session. */
export async function openTab(context: BrowserContext): Promise<Watched> {
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const watched: Watched = { page, requests: [], complaints: [] };
  page.on('request', (request) => {
    if (!request.url().startsWith('data:')) watched.requests.push(request.url());
  });
  page.on('pageerror', (error) => watched.complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') watched.complaints.push(message.text());
  });
  return watched;
}
