// The server goes away and comes back, the network stalls: the page says so, and old data never looks current.

import type { Locator, WebSocketRoute } from '@playwright/test';
import { expect, test } from '../harness/test';

/** What a browser writes while nobody answers. */
const UNREACHABLE = /WebSocket connection to .* failed|net::ERR_(CONNECTION_(REFUSED|RESET)|EMPTY_RESPONSE)/;

test.describe('while the server is away', () => {
  test.setTimeout(60_000);
  test.beforeEach(({ journal }) => journal.expect(UNREACHABLE));
  // Also after a failure in the middle: the next test finds it running.
  test.afterEach(({ telltale }) => telltale.start());

  test('the page says that it reconnects and how old its data is, and shows no value as current', async ({
    dashboard,
    telltale,
  }) => {
    await dashboard.open();
    const cpu = dashboard.widget('cpu_usage');
    await expect(cpu.chip).toHaveCount(0);
    await telltale.stop();

    await expect(dashboard.pill).toHaveAttribute('data-link', 'waiting');
    await expect(dashboard.pill).toContainText(/Reconnecting \(\d+\)/);
    await expect(dashboard.banner).toContainText(/Showing data from \d\d:\d\d:\d\d/);
    await expect(cpu.chip).toContainText(/last seen \d+ s ago/);
    const [first] = await cpu.chip.allInnerTexts();
    await expect(cpu.chip).not.toHaveText(first ?? '');
    // Ten intervals without a sample: the last value says nothing of now.
    await expect(cpu.value).toHaveText(/—/, { timeout: 15_000 });
    await expect(dashboard.widget('memory_usage').value).toHaveText(/—/);
    await expect(cpu.canvas).toHaveAccessibleName(/nothing for \d+ seconds/);
  });
});

/** How many holes a line is told to have. */
async function gaps(canvas: Locator): Promise<number> {
  const told = await canvas.getAttribute('aria-label');
  return Number(/(\d+) gaps?/.exec(told ?? '')?.[1] ?? 0);
}

test.describe('when the server comes back', () => {
  test.setTimeout(60_000);
  test.beforeEach(({ journal }) => journal.expect(UNREACHABLE));

  test('the same page is live again by itself, asks for what it missed, and shows the hole', async ({
    page,
    dashboard,
    telltale,
  }) => {
    await dashboard.open();
    await dashboard.untilItMoves('cpu_usage');
    await page.evaluate(() => (document.body.dataset.same = 'yes'));
    const cpu = dashboard.widget('cpu_usage');
    // What the server has kept from before may have some already.
    const before = await gaps(cpu.canvas);

    await telltale.stop();
    await expect(cpu.chip).toBeVisible();
    const filled = page.waitForRequest(/\/sfn\/histories/);
    await telltale.start();

    await dashboard.untilLive(15_000);
    expect(((await (await filled).response())?.status())).toBe(200);
    await expect(cpu.chip).toHaveCount(0);
    await expect(dashboard.banner).toHaveCount(0);
    await dashboard.untilItMoves('cpu_usage');
    await expect.poll(() => gaps(cpu.canvas)).toBe(before + 1);
    await expect(page.locator('body')).toHaveAttribute('data-same', 'yes');
    expect(dashboard.openSockets()).toBe(1);
  });

  test('nobody has to wait for the next attempt', async ({ page, dashboard, telltale }) => {
    await dashboard.open();
    await telltale.stop();
    // Late enough for the pause between two attempts to be long.
    await expect(dashboard.pill).toContainText(/Reconnecting \([5-9]\)/, { timeout: 20_000 });
    await telltale.start();
    const opened = page.waitForEvent('websocket');
    await dashboard.retryNow.click();
    await opened;
    await dashboard.untilLive(3_000);
    expect(dashboard.openSockets()).toBe(1);
  });

  test('what was missed while the line was cut is filled in', async ({ page, dashboard, journal }) => {
    const line = new Line();
    await page.routeWebSocket(/\/ws$/, (socket) => line.connect(socket));
    await dashboard.open();
    await dashboard.untilItMoves('cpu_usage');
    const cpu = dashboard.widget('cpu_usage');
    const before = await gaps(cpu.canvas);

    line.cut();
    await expect(cpu.chip).toBeVisible();
    const filled = page.waitForResponse(/\/sfn\/histories/);
    line.mend();
    // By itself: whether its next attempt comes before a click is a matter of chance.
    await filled;
    await dashboard.untilLive(15_000);
    await dashboard.untilItMoves('cpu_usage');
    // The server has gone on collecting, so there is no new hole.
    await expect.poll(() => gaps(cpu.canvas)).toBe(before);
    expect(journal.unexpected()).toEqual([]);
  });
});

test('a stalled line is told as delayed before it is lost', async ({ page, dashboard }) => {
  const line = new Line();
  await page.routeWebSocket(/\/ws$/, (socket) => line.connect(socket));
  await dashboard.open();
  await dashboard.untilItMoves('cpu_usage');

  line.stall();
  await expect(dashboard.pill).toContainText('Delayed');
  await expect(dashboard.pill).toHaveAttribute('data-link', 'live');
  await expect(dashboard.widget('cpu_usage').chip).toContainText(/last seen \d+ s ago/);
  line.mend();
  await dashboard.untilLive();
  await expect(dashboard.widget('cpu_usage').chip).toHaveCount(0);
});

/** What lies between page and server: lets frames through, swallows them, or is cut. */
class Line {
  private state: 'whole' | 'stalled' | 'cut' = 'whole';
  private sockets: WebSocketRoute[] = [];

  connect(socket: WebSocketRoute): void {
    if (this.state === 'cut') {
      void socket.close({ code: 1006 });
      return;
    }
    this.sockets.push(socket);
    const server = socket.connectToServer();
    const through = (to: WebSocketRoute) => (frame: string | Buffer) => {
      if (this.state === 'whole') to.send(frame);
    };
    socket.onMessage(through(server));
    server.onMessage(through(socket));
  }

  stall(): void {
    this.state = 'stalled';
  }

  cut(): void {
    this.state = 'cut';
    for (const socket of this.sockets.splice(0)) void socket.close();
  }

  mend(): void {
    this.state = 'whole';
  }
}
