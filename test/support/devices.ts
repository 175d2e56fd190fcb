import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { launchBrowser, openTab, type Watched } from './browser.js';

/** Browsers that share no storage. */
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

  /** Opens another page on a device, by default a new one. */
  async open(url: string, device?: BrowserContext): Promise<Page> {
    const tab = await openTab(device ?? (await this.add()));
    this.tabs.push(tab);
    await tab.page.goto(url);
    return tab.page;
  }

  /** Closes all. @returns what their pages complained about */
  async clear(): Promise<string[]> {
    for (const context of this.contexts.splice(0)) await context.close();
    const complaints = this.tabs.splice(0).flatMap((tab) => tab.complaints);
    // An unsuccessful response is a console error too; those are not relevant here.
    return complaints.filter((text) => !text.startsWith('Failed to load resource'));
  }

  async remove(): Promise<void> {
    await this.browser.close();
  }
}
