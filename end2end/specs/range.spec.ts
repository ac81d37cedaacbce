// How far back the charts reach: in the address, in the first HTML, in what is asked for, in the pictures.

import type { Page } from '@playwright/test';
import { expect, test } from '../harness/test';

const SECONDS = { '5m': 300, '15m': 900, '1h': 3600, '2h': 7200 } as const;

interface History {
  metric: { name: string; unit: string; kind: string };
  tags: Record<string, string>;
  interval_ms: number;
  points: Array<[time: number, value: number | null]>;
}

/** Makes the server an hour older than it is, for one series: a slow wave before whatever it has. */
async function withAnHourBefore(page: Page): Promise<void> {
  const newest = await page.request.get('/api/metrics', { params: { metric_name: 'cpu_usage_percent', limit: 1 } });
  const { data } = (await newest.json()) as { data: { data_points: Array<{ tags: Record<string, string> }> } };
  const tags = data.data_points[0]?.tags ?? {};
  const metric = { name: 'cpu_usage_percent', unit: 'percent', kind: 'gauge' };
  await page.route(/\/sfn\/histories/, async (route) => {
    const answer = await route.fetch();
    const told = (await answer.json()) as History[];
    const { start, end } = (route.request().postDataJSON() as { request: { start: number; end: number } }).request;
    const own = told.find(({ metric: { name } }) => name === metric.name);
    const points: History['points'] = [];
    for (let at = start; at < (own?.points[0]?.[0] ?? end); at += 1) points.push([at, 50 + 40 * Math.sin(at / 60)]);
    const older = { metric, tags, interval_ms: 1000, points: points.concat(own?.points ?? []) };
    await route.fulfill({ response: answer, json: [...told.filter((one) => one !== own), older] });
  });
}

for (const [name, seconds] of Object.entries(SECONDS)) {
  test(`${name}: the address has it, and what is missing is asked for`, async ({ page, dashboard }) => {
    // From a range that it reaches beyond, where there is one.
    await dashboard.open(name === '5m' ? '/' : '/?range=5m');
    // What the page asks for when it wakes up reaches back a few seconds only.
    const asked = page.waitForRequest((request) => /\/sfn\/histories/.test(request.url()) && reach(request.postDataJSON()) > 60);
    asked.catch(() => undefined);
    await dashboard.range(name).click();
    await expect(page).toHaveURL(new RegExp(`\\?range=${name}$`));
    await expect(dashboard.range(name)).toHaveAttribute('aria-pressed', 'true');
    await expect(dashboard.ranges.locator('[aria-pressed=true]')).toHaveCount(1);
    // Five minutes are a part of what is there already.
    if (name !== '5m') expect(reach((await asked).postDataJSON())).toBeGreaterThan(seconds - 30);
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
