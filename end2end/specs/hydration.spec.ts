// The page wakes up without anybody noticing: clean console, nothing moves, nothing flashes.

import type { Locator } from '@playwright/test';
import { expect, test } from '../harness/test';
import { WIDGETS } from '../pages/dashboard';
import { watchBackgrounds, watchShifts } from '../pages/watch';

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Where an element is on the page, however far it is scrolled. */
function boxOf(element: Locator): Promise<Box> {
  return element.evaluate((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return { x: x + scrollX, y: y + scrollY, width, height };
  });
}

for (const width of [360, 1280]) {
  test.describe(`${width} pixels wide`, () => {
    test.use({ viewport: { width, height: 740 } });

    test('nothing moves while the page wakes up', async ({ page, dashboard }) => {
      const shiftsSoFar = await watchShifts(page);
      await dashboard.open();
      await dashboard.untilItMoves('cpu_usage');
      const shifts = await shiftsSoFar();
      const sum = shifts.reduce((all, { value }) => all + value, 0);
      expect(sum, JSON.stringify(shifts, null, 1)).toBeLessThanOrEqual(0.02);
    });

    test('canvases take the place of the first pictures, in the same boxes', async ({ page, dashboard }) => {
      // The page sleeps on until its boxes have been measured.
      let measured = (): void => undefined;
      const measuring = new Promise<void>((done) => (measured = done));
      await page.route(/\.wasm/, async (route) => {
        await measuring;
        await route.continue();
      });
      await page.goto('/', { waitUntil: 'commit' });
      // Before the styles are there, nothing has its place.
      await page.waitForFunction(() => getComputedStyle(document.documentElement).getPropertyValue('--bg') !== '');
      const before = new Map<string, Box>();
      for (const id of WIDGETS) before.set(id, await boxOf(dashboard.widget(id).svg));
      // A canvas that nobody has drawn on.
      await expect(dashboard.widget('cpu_usage').canvas).toHaveJSProperty('width', 300);
      measured();

      await dashboard.untilLive();
      for (const id of WIDGETS) {
        const widget = dashboard.widget(id);
        await widget.section.scrollIntoViewIfNeeded();
        await expect.poll(async () => (await widget.ink()).painted, `${id} is drawn`).toBeGreaterThan(200);
        await expect(widget.svg, id).toHaveCount(0);
        const after = await boxOf(widget.canvas);
        for (const side of ['x', 'y', 'width', 'height'] as const) {
          expect(Math.abs(after[side] - (before.get(id)?.[side] ?? NaN)), `${id}: ${side}`).toBeLessThanOrEqual(1);
        }
      }
    });
  });
}

for (const { system, chosen, background } of [
  { system: 'light', chosen: null, background: '#f3f5f8' },
  { system: 'dark', chosen: null, background: '#0b0f14' },
  { system: 'light', chosen: 'dark', background: '#0b0f14' },
  { system: 'dark', chosen: 'light', background: '#f3f5f8' },
] as const) {
  test.describe(`where the system is ${system} and ${chosen ?? 'nothing'} is chosen`, () => {
    test.use({ colorScheme: system });

    test('no other background is ever painted', async ({ page, dashboard }) => {
      await page.addInitScript((choice) => choice && localStorage.setItem('telltale-theme', choice), chosen);
      const backgrounds = await watchBackgrounds(page);
      await dashboard.open();
      await dashboard.untilItMoves('cpu_usage');
      expect(await backgrounds()).toEqual([rgb(background)]);
    });
  });
}

/** `#f3f5f8` as browsers compute it. */
function rgb(hex: string): string {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  return `rgb(${red}, ${green}, ${blue})`;
}
