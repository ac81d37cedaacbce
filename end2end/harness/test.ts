// What every spec begins with: a running server, a browser whose complaints fail the test, the page as people see it.

import { type BrowserContextOptions, test as base, expect, type Page } from '@playwright/test';
import { Dashboard } from '../pages/dashboard';
import { Journal } from './journal';
import { Telltale } from './telltale';

interface Each {
  /** Nothing of one test is left in what the server keeps when the next one begins. */
  afresh: undefined;
  /** What the browser complained about. */
  journal: Journal;
  /** The overview, not yet opened. */
  dashboard: Dashboard;
  /** A page in a browser of its own, with other options than the spec's. */
  openWith: (options: BrowserContextOptions) => Promise<Page>;
}

interface Worker {
  /** What stands under the outer key of the server's configuration file; without it, no file. */
  configuration: object | undefined;
  /** The server of this worker; runs when a test begins. */
  telltale: Telltale;
}

export const test = base.extend<Each, Worker>({
  configuration: [undefined, { scope: 'worker', option: true }],

  telltale: [
    async ({ configuration }, use) => {
      const telltale = new Telltale(configuration);
      await telltale.start();
      await use(telltale);
      await telltale.stop();
    },
    { scope: 'worker' },
  ],

  afresh: [
    async ({ telltale }, use) => {
      await use(undefined);
      await telltale.forget();
    },
    { auto: true },
  ],

  baseURL: async ({ telltale }, use) => use(telltale.url),

  journal: async ({}, use) => {
    const journal = new Journal();
    await use(journal);
    expect(journal.unexpected(), 'complaints in the console').toEqual([]);
  },

  context: async ({ context, journal }, use) => {
    journal.follow(context);
    await use(context);
  },

  openWith: async ({ browser, baseURL, journal }, use) => {
    const contexts: Array<Awaited<ReturnType<typeof browser.newContext>>> = [];
    await use(async (options) => {
      const context = await browser.newContext({ baseURL, ...options });
      contexts.push(context);
      journal.follow(context);
      return context.newPage();
    });
    await Promise.all(contexts.map((context) => context.close()));
  },

  dashboard: async ({ page }, use) => use(new Dashboard(page)),
});

export { expect };
