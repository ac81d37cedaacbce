// Pictures of the page as people get it: four widths, both themes, and what it looks like when something is wrong.

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { BrowserContextOptions, Page } from '@playwright/test';
import { test } from '../harness/test';
import { Dashboard } from '../pages/dashboard';

// Relative to where the command was given.
const FOLDER = path.resolve(process.env.INIT_CWD ?? '.', process.env.SHOTS ?? 'shots');
const SCREENS = [
  { width: 360, height: 740, deviceScaleFactor: 3, hasTouch: true, isMobile: true },
  { width: 768, height: 1024, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
  { width: 1280, height: 800, deviceScaleFactor: 1 },
  { width: 1920, height: 1080, deviceScaleFactor: 1 },
];
const THEMES = ['light', 'dark'] as const;
/** Enough for lines to have a shape. */
const HISTORY_MS = 70_000;

test('screenshots', async ({ telltale, openWith, journal }) => {
  mkdirSync(FOLDER, { recursive: true });
  journal.expect(/./);
  const { setTimeout: pause } = await import('node:timers/promises');
  await pause(HISTORY_MS);

  const screen = ({ width, height, ...rest }: (typeof SCREENS)[number]): BrowserContextOptions => ({
    viewport: { width, height },
    ...rest,
  });
  const opened: Array<{ name: string; page: Page }> = [];
  for (const colorScheme of THEMES) {
    for (const one of SCREENS) {
      const name = `${one.width}-${colorScheme}`;
      const page = await openWith({ ...screen(one), colorScheme });
      const dashboard = new Dashboard(page);
      await dashboard.open();
      await shoot(page, `overview-${name}`);
      opened.push({ name, page });

      const still = await openWith({ ...screen(one), colorScheme, javaScriptEnabled: false });
      await still.goto('/');
      await shoot(still, `scripts-off-${name}`);
      await still.goto('/no/such/page');
      await shoot(still, `not-found-${name}`);
      await still.context().close();
    }
  }
  const phone = opened[0]?.page;
  if (phone) {
    await new Dashboard(phone).theme('Dark');
    await shoot(phone, 'themes-open-360-light', false);
    await phone.keyboard.press('Escape');
  }
  for (const { name, page } of opened) {
    await new Dashboard(page).pause.click();
    await shoot(page, `paused-${name}`, false);
    await new Dashboard(page).pause.click();
  }

  await telltale.stop();
  await pause(6_000);
  for (const { name, page } of opened) await shoot(page, `stale-${name}`);
  await pause(10_000);
  for (const { name, page } of opened) await shoot(page, `gone-${name}`);
  await telltale.start();
  for (const { name, page } of opened) {
    await new Dashboard(page).untilLive(30_000);
    await pause(2_000);
    await shoot(page, `after-${name}`);
  }
});

/** The whole page, from its top to its end; every widget is drawn first. */
async function shoot(page: Page, name: string, whole = true): Promise<void> {
  if (whole) {
    const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
    // A viewport as high as the page, so that all is in sight and what is sticky is where it belongs.
    const full = await page.evaluate(() => document.documentElement.scrollHeight).catch(() => 2400);
    await page.setViewportSize({ width, height: Math.max(height, full) });
    await page.waitForTimeout(1_200);
    await page.screenshot({ path: path.join(FOLDER, `${name}.png`) });
    await page.setViewportSize({ width, height });
  } else {
    await page.screenshot({ path: path.join(FOLDER, `${name}.png`) });
  }
}
