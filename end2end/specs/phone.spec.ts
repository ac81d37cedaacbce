// Small screens: nothing beyond the edge, nothing too small to read or to hit.

import type { Page } from '@playwright/test';
import { expect, test } from '../harness/test';
import { WIDGETS } from '../pages/dashboard';

/** Whatever is wider than its place: the page, an element beyond the edge, a word that is cut off. */
function whatDoesNotFit(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const edge = document.documentElement.clientWidth;
    // Whole, however much of them is shown; what is a pixel wide is there for ears alone.
    const wordsOf = (element: Element): DOMRect[] => {
      const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
      const found: DOMRect[] = [];
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if ((node.parentElement?.getBoundingClientRect().width ?? 0) <= 1) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        if (node.textContent?.trim()) found.push(range.getBoundingClientRect());
      }
      return found;
    };
    const tell = (what: string, element: Element) => `${what}: ${element.outerHTML.slice(0, 120)}`;
    const found = document.documentElement.scrollWidth > edge ? ['the page scrolls sideways'] : [];
    for (const element of document.body.querySelectorAll('*:not(svg *, .skip)')) {
      if (!element.checkVisibility({ visibilityProperty: true })) continue;
      const { left, right, width } = element.getBoundingClientRect();
      if (width <= 1) continue;
      if (left < -0.5 || right > edge + 0.5) found.push(tell('beyond the edge', element));
      const matters = element.matches('button, .wordmark, .value, .legend__last, .widget__title, .pill, dd, .chip, h1');
      if (!matters || getComputedStyle(element).display === 'inline') continue;
      const cut = wordsOf(element).some((words) => words.left < left - 0.01 || words.right > right + 0.01);
      if (cut) found.push(tell('cut off', element));
    }
    return found;
  });
}

for (const viewport of [
  { width: 360, height: 740 },
  { width: 320, height: 600 },
  { width: 740, height: 360 },
]) {
  test.describe(`${viewport.width} × ${viewport.height}`, () => {
    test.use({ viewport, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });

    test('the page is as wide as the screen, nothing sticks out, no word that matters is cut off', async ({
      page,
      dashboard,
    }) => {
      await dashboard.open();
      await dashboard.untilItMoves('cpu_usage');
      expect(await whatDoesNotFit(page)).toEqual([]);
      await dashboard.pause.click();
      expect(await whatDoesNotFit(page), 'paused').toEqual([]);
    });

    test('the same holds while the server is away', async ({ page, dashboard, journal, telltale }) => {
      journal.expect(/WebSocket connection to .* failed|net::ERR_/);
      await dashboard.open();
      await telltale.stop();
      try {
        await expect(dashboard.banner).toBeVisible();
        await expect(dashboard.widget('load_average').chip).toBeVisible();
        expect(await whatDoesNotFit(page)).toEqual([]);
      } finally {
        await telltale.start();
      }
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
