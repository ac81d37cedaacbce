import { defineConfig } from '@playwright/test';
import { chromium } from './harness/chromium';

export default defineConfig({
  testDir: 'specs',
  // Two cores: one browser and one server each. A test that passes at its second try has failed.
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 30_000,
  expect: { timeout: 10_000 },
  reporter: 'line',
  use: {
    browserName: 'chromium',
    launchOptions: chromium(),
    viewport: { width: 1280, height: 800 },
    screenshot: 'only-on-failure',
  },
});
