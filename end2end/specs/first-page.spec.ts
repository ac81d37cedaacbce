// The first HTML: real numbers and pictures, before and without any script.

import { readFileSync } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';
import { expect, test } from '../harness/test';
import { WIDGETS } from '../pages/dashboard';

/** A field of `/proc/meminfo` in bytes. */
function meminfo(field: string): number {
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
  return Number(kib) * 1024;
}

test.describe('with scripts off', () => {
  test.use({ javaScriptEnabled: false });

  test('the page tells which machine it watches', async ({ page, dashboard }) => {
    const answer = await dashboard.visit();
    expect(answer?.status()).toBe(200);
    expect(answer?.headers()['content-type']).toMatch(/^text\/html/);
    await expect(page).toHaveTitle(/Telltale/);
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
    await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
    await expect(page.getByRole('heading', { level: 1 })).toContainText(hostname());
    const gibibytes = meminfo('MemTotal') / 2 ** 30;
    await expect(dashboard.machine).toContainText(`${gibibytes.toPrecision(3)} GiB`);
    await expect(dashboard.machine).toContainText(String(availableParallelism()));
  });

  test('each widget has a picture, a title and a sentence for those who do not see it', async ({ dashboard }) => {
    await dashboard.visit();
    await expect(dashboard.sections).toHaveCount(WIDGETS.length);
    for (const id of WIDGETS) {
      const widget = dashboard.widget(id);
      await expect(widget.heading, id).toBeVisible();
      await expect(widget.svg, id).toBeVisible();
      expect(await widget.svg.locator('path, polyline, polygon, line, rect').count(), id).toBeGreaterThan(0);
      await expect(widget.canvas, id).toHaveAccessibleName(/.{20,}/);
    }
  });

  test('the numbers are this machine’s', async ({ dashboard }) => {
    await dashboard.visit();
    const used = 100 * (1 - meminfo('MemAvailable') / meminfo('MemTotal'));
    expect(Math.abs((await dashboard.widget('memory_usage').number()) - used)).toBeLessThan(5);

    const [load = NaN] = readFileSync('/proc/loadavg', 'utf8').split(' ').map(Number);
    expect(Math.abs((await dashboard.widget('load_average').number()) - load)).toBeLessThan(1 + load / 2);

    const cpu = await dashboard.widget('cpu_usage').number();
    expect(cpu).toBeGreaterThan(0);
    expect(cpu).toBeLessThanOrEqual(100);
  });

  test('nothing spins, and nothing waits for a script', async ({ page, dashboard }) => {
    await dashboard.visit();
    await expect(page.locator('[aria-busy=true], [role=progressbar]')).toHaveCount(0);
    await expect(page.getByText(/loading/i)).toHaveCount(0);
  });
});

test('the first picture needs nothing but the page’s own files', async ({ page, dashboard, journal, telltale }) => {
  // Whatever would bring data later is cut off: what is drawn came along with the page.
  journal.expect(/net::ERR_|WebSocket connection to .* failed/);
  const others: string[] = [];
  await page.route(/\/(api|sfn|ws)\b/, (route) => route.abort());
  await page.routeWebSocket(/\/ws$/, (socket) => socket.close());
  page.on('request', (request) => {
    const { origin, pathname } = new URL(request.url());
    if (origin !== telltale.url || !/^\/($|pkg\/|favicon)/.test(pathname)) others.push(request.url());
  });
  await dashboard.visit();
  for (const id of WIDGETS) {
    await dashboard.widget(id).section.scrollIntoViewIfNeeded();
    await expect.poll(async () => (await dashboard.widget(id).ink()).painted, `${id} is drawn`).toBeGreaterThan(200);
  }
  expect(await dashboard.widget('memory_usage').number()).toBeGreaterThan(0);
  expect(others.filter((url) => !/\/sfn\/histories$|manifest/.test(url))).toEqual([]);
});

test('what is asked for later comes after the first paint', async ({ page, dashboard }) => {
  await dashboard.open();
  await dashboard.untilItMoves('cpu_usage');
  const { painted, asked } = await page.evaluate(() => ({
    painted: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity,
    asked: (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
      .filter(({ name }) => /\/(api|sfn)\//.test(name))
      .map(({ startTime }) => startTime),
  }));
  for (const at of asked) expect(at).toBeGreaterThan(painted);
});

test('the whole page is small and packed', async ({ request }) => {
  const answer = await request.get('/', { headers: { 'accept-encoding': 'br' } });
  expect(answer.headers()['content-encoding']).toBe('br');
  expect(Number(answer.headers()['content-length'] ?? 0), 'bytes on the wire').toBeLessThan(70 * 1024);
});
