// The numbers move by themselves, over one socket, and they are the machine's.

import { Worker } from 'node:worker_threads';
import { availableParallelism } from 'node:os';
import { expect, test } from '../harness/test';
import { WIDGETS } from '../pages/dashboard';

test('pictures and numbers move without a reload, over one socket', async ({ page, dashboard }) => {
  let navigations = 0;
  page.on('framenavigated', () => (navigations += 1));
  await dashboard.open();
  const words = () => dashboard.sections.allInnerTexts();
  const before = await words();
  for (const id of ['cpu_usage', 'load_average', 'network_traffic'] as const) {
    await dashboard.widget(id).section.scrollIntoViewIfNeeded();
    await dashboard.untilItMoves(id);
  }
  await expect.poll(words).not.toEqual(before);
  expect(navigations).toBe(1);
  expect(dashboard.sockets.map((socket) => new URL(socket.url()).pathname)).toEqual(['/ws']);
  expect(dashboard.openSockets()).toBe(1);
});

test('each widget has something to show', async ({ dashboard }) => {
  await dashboard.open();
  for (const id of WIDGETS) {
    const widget = dashboard.widget(id);
    await widget.section.scrollIntoViewIfNeeded();
    await expect(widget.section, id).not.toContainText('No samples');
    await expect.poll(async () => (await widget.ink()).painted, `${id} is drawn`).toBeGreaterThan(200);
    await expect(widget.canvas, id).toHaveAccessibleName(/\d/);
  }
});

test('work that the machine does is seen within seconds', async ({ dashboard }) => {
  await dashboard.open();
  const busy = 'while (true) {}';
  const workers = Array.from({ length: availableParallelism() }, () => new Worker(busy, { eval: true }));
  try {
    const { cpu, core } = { cpu: dashboard.widget('cpu_usage'), core: dashboard.widget('cpu_per_core') };
    await expect.poll(() => cpu.number(), { message: 'CPU usage in percent', timeout: 15_000 }).toBeGreaterThan(90);
    await expect(core.canvas).toHaveAccessibleName(/(9\d(\.\d)?|100) %/);
    await expect(cpu.section).toContainText('Critical');
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
});

test('what the page shows is what the API says', async ({ dashboard, request }) => {
  await dashboard.open();
  const answer = await request.get('/api/metrics', { params: { metric_name: 'memory_usage_percent', limit: 1 } });
  const { data } = (await answer.json()) as { data: { data_points: Array<{ value: number }> } };
  const shown = await dashboard.widget('memory_usage').number();
  expect(Math.abs(shown - (data.data_points[0]?.value ?? NaN))).toBeLessThan(3);
});

test('a widget out of sight is not drawn, and caught up when it comes into sight', async ({ page, dashboard }) => {
  await page.setViewportSize({ width: 1280, height: 300 });
  await dashboard.open();
  const last = dashboard.widget('load_average');
  await last.section.scrollIntoViewIfNeeded();
  await dashboard.untilItMoves('load_average');
  await page.evaluate(() => scrollTo(0, 0));
  await expect(last.canvas).not.toBeInViewport();
  await dashboard.untilItMoves('cpu_usage');
  const unseen = await last.picture();
  await dashboard.untilItMoves('cpu_usage');
  expect(await last.picture()).toBe(unseen);
  await last.section.scrollIntoViewIfNeeded();
  await expect.poll(() => last.picture()).not.toBe(unseen);
});
