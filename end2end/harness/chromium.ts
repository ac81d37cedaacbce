// Which browser the tests drive, and how it is started.

import { existsSync } from 'node:fs';
import type { LaunchOptions } from '@playwright/test';

const OF_THE_SYSTEM = '/usr/bin/chromium';

/** `TELLTALE_CHROMIUM` if given, else the system's Chromium, else the one that Playwright installed. */
export function chromium(): LaunchOptions {
  const given = process.env.TELLTALE_CHROMIUM;
  const executablePath = given ?? (existsSync(OF_THE_SYSTEM) ? OF_THE_SYSTEM : undefined);
  return {
    executablePath,
    // Nothing but the page under test may use the network, and root has no sandbox.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  };
}
