// Small screens: nothing beyond the edge, nothing too small to read or to hit.

import { expect, test } from '../harness/test';
import { WIDGETS } from '../pages/dashboard';

for (const viewport of [
  { width: 360, height: 740 },
  { width: 320, height: 600 },
  { width: 740, height: 360 },
]) {
  test.describe(`${viewport.width} × ${viewport.height}`, () => {
    test.use({ viewport, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });

    test('the page is as wide as the screen, and nothing sticks out or is cut off', async ({ page, dashboard }) => {
      await dashboard.open();
      await dashboard.untilItMoves('cpu_usage');
      const { scrolls, out } = await page.evaluate(() => {
        const wide = document.documentElement.clientWidth;
        const shown = (element: Element) => element.checkVisibility({ visibilityProperty: true });
        const out = [...document.body.querySelectorAll('*')]
          .filter((element) => shown(element) && !element.closest('svg, .skip'))
          .filter((element) => {
            const { left, right, width } = element.getBoundingClientRect();
            return width > 1 && (left < -0.5 || right > wide + 0.5);
          })
          .map((element) => element.outerHTML.slice(0, 100));
        return { scrolls: document.documentElement.scrollWidth > innerWidth, out };
      });
      expect(out).toEqual([]);
      expect(scrolls).toBe(false);
    });

    test('text that matters is not cut off', async ({ page, dashboard }) => {
      await dashboard.open();
      const cut = await page
        .locator('button, .value, .legend__last, .widget__title, .pill, dd, .chip, h1')
        .filter({ visible: true })
        .evaluateAll((elements) =>
          elements
            .filter((element) => element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== 'inline')
            .map((element) => element.outerHTML.slice(0, 160)),
        );
      expect(cut).toEqual([]);
    });

    test('whatever can be touched is at least 44 pixels in each direction', async ({ page, dashboard }) => {
      await dashboard.open();
      await dashboard.theme('Dark'); // opens what is behind a button
      const small = await page
        .locator('button, a, input, select, [role=button]')
        .filter({ visible: true })
        .evaluateAll((elements) =>
          elements
            .filter((element) => !element.classList.contains('skip'))
            .map((element) => ({ box: element.getBoundingClientRect(), text: element.textContent }))
            .filter(({ box }) => box.width < 43.5 || box.height < 43.5)
            .map(({ box, text }) => `${text}: ${box.width} × ${box.height}`),
        );
      expect(small).toEqual([]);
    });

    test('no text is smaller than 11 pixels', async ({ page, dashboard }) => {
      await dashboard.open();
      const small = await page.evaluate(() => {
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        const found = new Set<string>();
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
          const parent = node.parentElement;
          if (!parent?.checkVisibility() || !node.textContent?.trim()) continue;
          const size = parseFloat(getComputedStyle(parent).fontSize);
          if (size < 10.99) found.add(`${node.textContent.trim()}: ${size}`);
        }
        return [...found];
      });
      expect(small).toEqual([]);
    });

    test('every widget can be scrolled to, with a finger’s swipe beginning on a chart', async ({ page, dashboard }) => {
      await dashboard.open();
      for (const id of WIDGETS) {
        const widget = dashboard.widget(id);
        await widget.section.scrollIntoViewIfNeeded();
        await expect(widget.canvas, id).toBeInViewport();
        expect(await widget.canvas.evaluate((canvas) => getComputedStyle(canvas).touchAction), id).toMatch(/auto|pan-y|manipulation/);
      }
      await page.evaluate(() => scrollTo(0, 0));
      await page.mouse.move(viewport.width / 2, viewport.height / 2);
      await page.mouse.wheel(0, 200);
      await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(100);
    });
  });
}
