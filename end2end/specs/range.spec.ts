// How far back the charts reach: in the address, in the first HTML, in what is asked for, in the pictures.

import type { Page } from '@playwright/test';
import { expect, test } from '../harness/test';

const SECONDS = { '5m': 300, '15m': 900, '1h': 3600, '2h': 7200 } as const;

interface History {
  metric: { name: string };
  points: Array<[number, number | null]>;
}

/** Makes the server's answers older than this server is: a slow wave of an hour before its first point. */
async function withAnHourBefore(page: Page): Promise<void> {
  await page.route(/\/sfn\/histories/, async (route) => {
    const answer = await route.fetch();
    const histories = (await answer.json()) as History[];
    const { start, end } = (route.request().postDataJSON() as { request: { start: number; end: number } }).request;
    for (const { metric, points } of histories) {
      if (metric.name !== 'cpu_usage_percent') continue;
      const first = points[0]?.[0] ?? end;
      const older: History['points'] = [];
      for (let at = Math.max(start, first - 3600); at < first; at += 1) older.push([at, 50 + 40 * Math.sin(at / 60)]);
      points.unshift(...older);
    }
    await route.fulfill({ response: answer, json: histories });
  });
}

for (const [name, seconds] of Object.entries(SECONDS)) {
  test(`${name}: the address has it, and what is missing is asked for`, async ({ page, dashboard }) => {
    // From the shorter of the two others, so that there is something to ask for.
    await dashboard.open(name === '5m' ? '/' : '/?range=5m');
    const asked = page.waitForRequest(/\/sfn\/histories/, { timeout: 3_000 }).catch(() => undefined);
    await dashboard.range(name).click();
    await expect(page).toHaveURL(new RegExp(`\\?range=${name}$`));
    await expect(dashboard.range(name)).toHaveAttribute('aria-pressed', 'true');
    await expect(dashboard.ranges.locator('[aria-pressed=true]')).toHaveCount(1);
    const request = await asked;
    // Five minutes are a part of what is there already.
    if (name === '5m') expect(request).toBeUndefined();
    else expect(reach(request?.postDataJSON())).toBeGreaterThan(seconds - 320);
  });
}

/** How far back a request asks, in seconds. */
function reach(body: { request: { start: number } }): number {
  return Date.now() / 1000 - body.request.start;
}

test('the pictures follow', async ({ page, dashboard }) => {
  await withAnHourBefore(page);
  await dashboard.open('/?range=5m');
  const cpu = dashboard.widget('cpu_usage');
  const load = dashboard.widget('load_average');
  await dashboard.range('1h').click();
  await expect(cpu.section).toContainText('last 1 h');
  await expect(cpu.canvas).toHaveAccessibleName(/last 60 minutes/);
  // A series that has no such past does not pretend to.
  await expect(load.section).toContainText('since start');
  const hour = await cpu.picture();
  await dashboard.range('5m').click();
  await expect(cpu.section).toContainText('last 5 min');
  await expect.poll(() => cpu.picture()).not.toBe(hour);
  await expect(cpu.canvas).toHaveAccessibleName(/last 5 minutes/);
});

test('back and forward step through the ranges', async ({ page, dashboard }) => {
  await dashboard.open();
  await dashboard.range('5m').click();
  await dashboard.range('1h').click();
  await page.goBack();
  await expect(page).toHaveURL(/\?range=5m$/);
  await expect(dashboard.range('5m')).toHaveAttribute('aria-pressed', 'true');
  await page.goBack();
  await expect(page).not.toHaveURL(/range/);
  await page.goForward();
  await expect(dashboard.range('5m')).toHaveAttribute('aria-pressed', 'true');
  await dashboard.untilItMoves('cpu_usage');
});

test('a reload keeps it, and so does a choice of the theme', async ({ page, dashboard }) => {
  await dashboard.open('/?range=1h');
  await dashboard.choose('Dark');
  await page.reload();
  await dashboard.untilLive();
  await expect(page).toHaveURL(/\?range=1h$/);
  await expect(dashboard.range('1h')).toHaveAttribute('aria-pressed', 'true');
});

test('a range that is not offered is nobody’s mistake to suffer from', async ({ dashboard }) => {
  await dashboard.open('/?range=%3Cscript%3E&range=9y');
  await dashboard.untilItMoves('cpu_usage');
});

test.describe('with scripts off', () => {
  test.use({ javaScriptEnabled: false });

  test('the control works, and the first HTML has the range', async ({ page, dashboard }) => {
    await dashboard.visit('/?range=15m');
    await expect(dashboard.range('15m')).toHaveAttribute('aria-pressed', 'true');
    await dashboard.range('1h').click();
    await expect(page).toHaveURL(/\?range=1h$/);
    await expect(dashboard.range('1h')).toHaveAttribute('aria-pressed', 'true');
    await expect(dashboard.widget('cpu_usage').svg).toBeVisible();
  });
});
