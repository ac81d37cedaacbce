// A server without a live stream: pages ask again and again.

import { expect, test } from '../harness/test';

test.use({ configuration: { dashboard: { websocket_enabled: false, refresh_interval: 1 } } });

test('the page follows without a socket, asks as often as it was told, and rests while it is paused', async ({
  page,
  dashboard,
}) => {
  const asked: number[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/sfn/')) asked.push(Date.now());
  });
  await dashboard.open();
  await dashboard.untilItMoves('cpu_usage');
  expect(dashboard.sockets).toEqual([]);

  await expect.poll(() => asked.length, { timeout: 10_000 }).toBeGreaterThan(5);
  const pauses = asked.slice(1).map((at, index) => at - (asked[index] ?? at));
  // Once in a second, give or take what a busy machine takes.
  expect(Math.min(...pauses)).toBeGreaterThan(700);

  await dashboard.pause.click();
  const still = await dashboard.widget('cpu_usage').picture();
  await page.waitForTimeout(2_500);
  expect(await dashboard.widget('cpu_usage').picture()).toBe(still);
  await dashboard.pause.click();
  await dashboard.untilItMoves('cpu_usage');
});

test('a server that goes and comes back is noticed without a socket too', async ({ dashboard, telltale, journal }) => {
  journal.expect(/Failed to load resource|ERR_CONNECTION_REFUSED|Failed to fetch/);
  await dashboard.open();
  await dashboard.untilItMoves('cpu_usage');
  await telltale.stop();
  await expect(dashboard.widget('cpu_usage').chip).toBeVisible({ timeout: 15_000 });
  await telltale.start();
  await dashboard.untilLive(20_000);
  await dashboard.untilItMoves('cpu_usage');
});
