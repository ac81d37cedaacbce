// What happens to a page between its first byte and now: what moved, what was painted behind everything.

import type { Page } from '@playwright/test';

/** One movement of what was already painted. */
export interface Shift {
  value: number;
  what: string[];
}

declare global {
  interface Window {
    shifts: Shift[];
    backgrounds: string[];
  }
}

/** Keeps, from the next page on, every layout shift. */
export async function watchShifts(page: Page): Promise<() => Promise<Shift[]>> {
  await page.addInitScript(() => {
    type LayoutShift = PerformanceEntry & { value: number; sources?: Array<{ node?: Node }> };
    window.shifts = [];
    new PerformanceObserver((list) => {
      for (const { value, sources = [] } of list.getEntries() as LayoutShift[]) {
        const what = sources.map(({ node }) => (node instanceof Element ? node.outerHTML.slice(0, 120) : String(node)));
        window.shifts.push({ value, what });
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  return () => page.evaluate(() => window.shifts);
}

/** Keeps, from the next page on, each background that a frame of it had, in their order. */
export async function watchBackgrounds(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    window.backgrounds = [];
    requestAnimationFrame(function look() {
      const now = document.body && getComputedStyle(document.body).backgroundColor;
      if (now && window.backgrounds.at(-1) !== now) window.backgrounds.push(now);
      requestAnimationFrame(look);
    });
  });
  return () => page.evaluate(() => window.backgrounds);
}
