// Light, dark, or as the system has it: chosen, remembered, applied to everything that is drawn.

import type { Page } from '@playwright/test';
import { expect, test } from '../harness/test';
import type { Dashboard } from '../pages/dashboard';
import { apart, type Rgb } from '../pages/ink';

const LIGHT = '#f3f5f8';
const DARK = '#0b0f14';

test.use({ colorScheme: 'light' });

/** The page's background, and a picture in the colours of the style sheet as it is now. */
async function expectTheme(dashboard: Dashboard, background: string): Promise<void> {
  await expect.poll(() => dashboard.token('--bg')).toBe(background);
  const text = parse(await dashboard.token('--muted'));
  const other = parse(background === LIGHT ? '#a1a8b2' : '#565e69');
  // The labels of the axes are in this colour; antialiasing leaves some of their pixels pure, or nearly so.
  await expect
    .poll(async () => {
      const { colours } = await dashboard.widget('cpu_usage').ink();
      const nearest = (to: Rgb) => Math.min(...colours.map(({ colour }) => apart(colour, to)));
      return nearest(text) <= 16 && nearest(other) > 16;
    }, 'the canvas is in the colours of the theme')
    .toBe(true);
}

test('it follows the system until one is chosen, and again when that is chosen', async ({ page, dashboard }) => {
  await dashboard.open();
  await expect(await dashboard.theme('System')).toHaveAttribute('aria-pressed', 'true');
  await expectTheme(dashboard, LIGHT);
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectTheme(dashboard, DARK);

  await dashboard.choose('Light');
  await expectTheme(dashboard, LIGHT);
  await expect(await dashboard.theme('Light')).toHaveAttribute('aria-pressed', 'true');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectTheme(dashboard, LIGHT);

  await dashboard.choose('System');
  await expectTheme(dashboard, DARK);
});

test('a choice survives a reload and is there before anything is painted', async ({ page, dashboard }) => {
  await dashboard.open();
  await dashboard.choose('Dark');
  await expectTheme(dashboard, DARK);
  await page.addInitScript(() => {
    window.backgrounds = [];
    requestAnimationFrame(function look() {
      const now = document.body && getComputedStyle(document.body).backgroundColor;
      if (now && window.backgrounds.at(-1) !== now) window.backgrounds.push(now);
      requestAnimationFrame(look);
    });
  });
  await page.reload();
  await dashboard.untilLive();
  await expect(await dashboard.theme('Dark')).toHaveAttribute('aria-pressed', 'true');
  await expectTheme(dashboard, DARK);
  expect(await page.evaluate(() => window.backgrounds)).toEqual(['rgb(11, 15, 20)']);
});

test('a choice in one tab holds in the others', async ({ context, dashboard }) => {
  await dashboard.open();
  const other: Page = await context.newPage();
  await other.goto('/');
  await other.getByRole('group', { name: 'Theme' }).getByRole('button', { name: 'Dark' }).click();
  await expectTheme(dashboard, DARK);
});

test('where storage is forbidden, a choice holds for as long as the page', async ({ page, dashboard }) => {
  await page.addInitScript(() => {
    Object.defineProperty(window, 'localStorage', {
      get: () => {
        throw new DOMException('storage is forbidden here', 'SecurityError');
      },
    });
  });
  await dashboard.open();
  await dashboard.choose('Dark');
  await expectTheme(dashboard, DARK);
  await dashboard.untilItMoves('cpu_usage');
});

function parse(hex: string): Rgb {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  return [red, green, blue];
}
