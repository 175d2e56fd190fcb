import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { launchBrowser, openTab, type Watched } from './browser.js';

/** Browsers that know nothing of each other: what is stored in one, no other has. */
export class Devices {
  readonly tabs: Watched[] = [];
  private readonly contexts: BrowserContext[] = [];

  private constructor(private readonly browser: Browser) {}

  static async launch(): Promise<Devices> {
    return new Devices(await launchBrowser());
  }

  async add(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await this.browser.newContext(options);
    this.contexts.push(context);
    return context;
  }

  /** Opens one more page on a device, by default a new one. */
  async open(url: string, device?: BrowserContext): Promise<Page> {
    const tab = await openTab(device ?? (await this.add()));
    this.tabs.push(tab);
    await tab.page.goto(url);
    return tab.page;
  }

  /** Takes all away. @returns what their pages complained about */
  async clear(): Promise<string[]> {
    for (const context of this.contexts.splice(0)) await context.close();
    const complaints = this.tabs.splice(0).flatMap((tab) => tab.complaints);
    // An answer that is no success is an error on the console too; that is not what is looked for.
    return complaints.filter((text) => !text.startsWith('Failed to load resource'));
  }

  async remove(): Promise<void> {
    await this.browser.close();
  }
}
