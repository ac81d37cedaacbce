// Whoever does not see the page, or not well, or has no mouse, gets the same of it.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from '@playwright/test';
import { expect, test } from '../harness/test';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds wrong with the page as it is now, and what it could not decide. */
async function violations(page: Page): Promise<string[]> {
  // A colour on its way to another is none of the page's colours; and a way begins only in the next frame.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)));
  await page.evaluate(AXE);
  const results = await page.evaluate(() =>
    (window as unknown as { axe: { run: (options: object) => Promise<AxeResults> } }).axe.run({
      resultTypes: ['violations'],
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }),
  );
  expect(results.passes.length, 'rules that had something to look at').toBeGreaterThan(15);
  return results.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')}\n${failureSummary}`),
  );
}

for (const width of [360, 1280]) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(`${width} pixels wide, ${colorScheme}`, () => {
      test.use({ viewport: { width, height: 800 }, colorScheme });

      test('axe finds nothing on the overview', async ({ page, dashboard }) => {
        await dashboard.open();
        await dashboard.untilItMoves('cpu_usage');
        expect(await violations(page)).toEqual([]);
        await dashboard.pause.click();
        await dashboard.theme('Dark'); // on a narrow page: with the popover open
        expect(await violations(page)).toEqual([]);
      });

      test('axe finds nothing on a page that is not there', async ({ page, dashboard, journal }) => {
        journal.expect(/status of 404/);
        await dashboard.open('/no/such/page');
        expect(await violations(page)).toEqual([]);
      });
    });
  }
}

test.describe('while the server is away', () => {
  test.afterEach(({ telltale }) => telltale.start());

  test('axe finds nothing either', async ({ page, dashboard, journal, telltale }) => {
    journal.expect(/WebSocket connection to .* failed|net::ERR_/);
    await dashboard.open();
    await telltale.stop();
    await expect(dashboard.banner).toBeVisible();
    await expect(dashboard.widget('cpu_usage').chip).toBeVisible();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await violations(page), colorScheme).toEqual([]);
    }
    await expect(page.getByRole('status').filter({ hasText: 'Reconnecting' })).toBeVisible();
  });
});

test('with the keyboard alone: first the way to the content, then every control, each with a visible focus', async ({
  page,
  dashboard,
}) => {
  await dashboard.open();
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to content' });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();

  const reached: string[] = [];
  for (let step = 0; step < 30; step += 1) {
    await page.keyboard.press('Tab');
    const focused = page.locator(':focus');
    if ((await focused.count()) === 0) break;
    const { name, outline, top } = await focused.evaluate((element) => {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
      const visible = (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) || boxShadow !== 'none';
      return {
        name: element.getAttribute('aria-label') ?? element.textContent?.trim() ?? '',
        outline: visible,
        top: element.getBoundingClientRect().top,
      };
    });
    expect(outline, `the focus on ${name} can be seen`).toBe(true);
    expect(top, `${name} is not under the edge`).toBeGreaterThanOrEqual(0);
    reached.push(name);
  }
  for (const control of ['Telltale', '5m', '1h', 'Pause', 'System', 'Light', 'Dark']) expect(reached).toContain(control);
  expect(reached.indexOf('5m')).toBeLessThan(reached.indexOf('Dark'));
});

test('with the keyboard alone: range, pause and theme can be changed', async ({ page, dashboard }) => {
  await dashboard.open();
  await dashboard.range('1h').focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/range=1h/);
  await expect(dashboard.range('1h')).toBeFocused();
  await dashboard.pause.focus();
  await page.keyboard.press('Space');
  await expect(dashboard.pause).toHaveText('Resume');
  await expect(dashboard.pause).toBeFocused();
  await (await dashboard.theme('Dark')).focus();
  await page.keyboard.press('Space');
  await expect.poll(() => dashboard.token('--bg')).toBe('#0b0f14');
});

test('on a narrow page the themes open with the keyboard, and close with Escape', async ({ page, dashboard }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await dashboard.open();
  const open = dashboard.header.getByRole('button', { name: 'Theme', exact: true });
  await open.focus();
  await page.keyboard.press('Enter');
  const dark = page.getByRole('group', { name: 'Theme' }).getByRole('button', { name: 'Dark' });
  await expect(dark).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dark).toBeHidden();
  await expect(open).toBeFocused();
});

test('after the way to the content, the next Tab is within it', async ({ page, dashboard }) => {
  await dashboard.open();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
});

test('there is one heading of the first rank, and none is left out below it', async ({ page, dashboard }) => {
  await dashboard.open();
  const ranks = await page.getByRole('heading').evaluateAll((all) => all.map((one) => Number(one.tagName.slice(1))));
  expect(ranks.filter((rank) => rank === 1)).toHaveLength(1);
  expect(ranks[0]).toBe(1);
  ranks.reduce((above, rank) => {
    expect(rank - above).toBeLessThanOrEqual(1);
    return rank;
  });
});

test('ticks are not read aloud: no live region changes while numbers do', async ({ page, dashboard }) => {
  await dashboard.open();
  const heard = await page.evaluate(
    () =>
      new Promise<string[]>((done) => {
        const heard: string[] = [];
        const regions = document.querySelectorAll('[aria-live]:not([aria-live=off]), [role=status], [role=alert], [role=log]');
        const observer = new MutationObserver((all) => all.forEach(({ target }) => heard.push(target.textContent ?? '')));
        for (const region of regions) observer.observe(region, { childList: true, characterData: true, subtree: true });
        setTimeout(() => done(heard), 3_500);
      }),
  );
  expect(heard).toEqual([]);
});

test('where less motion is wanted, nothing is animated', async ({ page, dashboard }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await dashboard.open();
  await (await dashboard.theme('Dark')).hover();
  const moving = await page.evaluate(() => document.getAnimations().map((one) => one.playState));
  expect(moving).toEqual([]);
  const lasting = await page.evaluate(() =>
    [...document.querySelectorAll('*')]
      .map((element) => getComputedStyle(element))
      .filter((style) => Math.max(...(style.transitionDuration + ',' + style.animationDuration).split(',').map(parseFloat)) > 0.001)
      .length,
  );
  expect(lasting).toBe(0);
});

test('with forced colours the page is whole, and states keep their shapes and borders', async ({ page, dashboard }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await dashboard.open();
  await dashboard.untilItMoves('cpu_usage');
  await expect(dashboard.pill.locator('svg')).toBeVisible();
  const border = await dashboard.pill.evaluate((pill) => getComputedStyle(pill).borderTopWidth);
  expect(parseFloat(border)).toBeGreaterThanOrEqual(1);
  expect(await violations(page)).toEqual([]);
});

test('text at twice its size loses nothing', async ({ page, dashboard }) => {
  await dashboard.open();
  await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
  await dashboard.untilItMoves('cpu_usage');
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
});
