// Sharp at every resolution and size: the canvas has as many pixels as the screen shows of it.

import type { Locator } from '@playwright/test';
import { expect, test } from '../harness/test';
import { WIDGETS } from '../pages/dashboard';

/** Sizes of a canvas: what it is drawn on, and what it takes up in CSS pixels. */
function sizes(canvas: Locator): Promise<{ drawn: [number, number]; css: [number, number]; ratio: number }> {
  return canvas.evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    const { width, height } = canvas.getBoundingClientRect();
    return { drawn: [canvas.width, canvas.height], css: [width, height], ratio: devicePixelRatio };
  });
}

/** Waits until the canvas is as fine as the screen. */
async function expectSharp(canvas: Locator, ratio: number): Promise<void> {
  await expect
    .poll(async () => {
      const { drawn, css } = await sizes(canvas);
      return Math.max(...drawn.map((pixels, i) => Math.abs(pixels - (css[i] ?? 0) * ratio)));
    }, 'pixels too many or too few')
    .toBeLessThanOrEqual(1);
}

for (const deviceScaleFactor of [1, 2]) {
  test.describe(`${deviceScaleFactor} device pixels a CSS pixel`, () => {
    test.use({ deviceScaleFactor });

    test('each canvas has the screen’s pixels', async ({ dashboard }) => {
      await dashboard.open();
      for (const id of WIDGETS) {
        const widget = dashboard.widget(id);
        await widget.section.scrollIntoViewIfNeeded();
        await expect.poll(async () => (await widget.ink()).painted, id).toBeGreaterThan(200);
        await expectSharp(widget.canvas, deviceScaleFactor);
      }
    });
  });
}

test('a window that changes its size gets pictures of the new size', async ({ page, dashboard }) => {
  await dashboard.open();
  const { canvas } = dashboard.widget('cpu_usage');
  await expectSharp(canvas, 1);
  const wide = (await sizes(canvas)).drawn[0];
  for (const width of [1920, 800, 360, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    await expectSharp(canvas, 1);
    await dashboard.untilItMoves('cpu_usage');
  }
  expect((await sizes(canvas)).drawn[0]).toBe(wide);
});

test('a window that is moved to a finer screen is drawn finer', async ({ page, dashboard }) => {
  await dashboard.open();
  const { canvas } = dashboard.widget('cpu_usage');
  await expectSharp(canvas, 1);
  const screen = await page.context().newCDPSession(page);
  await screen.send('Emulation.setDeviceMetricsOverride', { width: 1280, height: 800, deviceScaleFactor: 2, mobile: false });
  // Without a window, Chromium tells listeners of the resolution only when it looks at media queries again.
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectSharp(canvas, 2);
  expect((await dashboard.widget('cpu_usage').ink()).painted).toBeGreaterThan(800);
});
