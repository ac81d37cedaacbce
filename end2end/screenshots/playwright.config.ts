// No test: pictures to look at. `npm run screenshots [FOLDER]`.

import { defineConfig } from '@playwright/test';
import { chromium } from '../harness/chromium';

export default defineConfig({
  testDir: '.',
  testMatch: 'screenshots.ts',
  outputDir: '../test-results',
  workers: 1,
  timeout: 300_000,
  reporter: 'line',
  use: { browserName: 'chromium', launchOptions: chromium() },
});
