// The overview as people see it, and the part of it that is on every page: the header.

import { expect, type Locator, type Page, type Response, type WebSocket } from '@playwright/test';
import { type Ink, ink } from './ink';

/** The shipped layout, in reading order. */
export const WIDGETS = [
  'cpu_usage',
  'memory_usage',
  'disk_usage',
  'network_traffic',
  'disk_io',
  'load_average',
  'cpu_per_core',
] as const;

export type WidgetId = (typeof WIDGETS)[number];
export type ThemeName = 'System' | 'Light' | 'Dark';

/** The tab and what is in it. */
export class Dashboard {
  /** Every socket the page has opened since it was made. */
  readonly sockets: WebSocket[] = [];
  readonly header: Locator;
  readonly machine: Locator;
  readonly sections: Locator;
  readonly pill: Locator;
  readonly banner: Locator;
  readonly retryNow: Locator;
  readonly ranges: Locator;
  readonly pause: Locator;

  constructor(readonly page: Page) {
    page.on('websocket', (socket) => this.sockets.push(socket));
    this.header = page.getByRole('banner');
    this.machine = page.locator('.machine');
    this.sections = page.locator('[data-widget]');
    this.pill = page.locator('[data-link]');
    this.retryNow = page.getByRole('button', { name: 'Retry now' });
    this.banner = page.locator('.banner');
    this.ranges = page.getByRole('group', { name: 'Time range' });
    this.pause = page.getByRole('button', { name: /^(Pause|Resume)$/ });
  }

  /** Asks for the page; whether it wakes up is another matter. */
  visit(path = '/'): Promise<Response | null> {
    return this.page.goto(path);
  }

  /** Asks for the page and waits until it is live. */
  async open(path = '/'): Promise<void> {
    await this.visit(path);
    await this.untilLive();
  }

  /** Connected, and saying so. */
  async untilLive(timeout = 15_000): Promise<void> {
    await expect(this.pill).toHaveAttribute('data-link', 'live', { timeout });
    await expect(this.pill).toContainText('Live', { timeout });
  }

  /** Until the picture of `id` has changed twice, as it does when samples arrive. */
  async untilItMoves(id: WidgetId): Promise<void> {
    for (let changes = 0, last = await this.widget(id).picture(); changes < 2; changes += 1) {
      await expect.poll(() => this.widget(id).picture(), { message: `${id} does not move`, timeout: 5_000 }).not.toBe(last);
      last = await this.widget(id).picture();
    }
  }

  widget(id: WidgetId): Widget {
    return new Widget(this.page.locator(`[data-widget="${id}"]`));
  }

  /** Sockets that are not closed. */
  openSockets(): number {
    return this.sockets.filter((socket) => !socket.isClosed()).length;
  }

  /** The button of a range. */
  range(name: string): Locator {
    return this.ranges.getByRole('button', { name, exact: true });
  }

  /** The button of a theme; narrow pages hide it behind another. */
  async theme(name: ThemeName): Promise<Locator> {
    const behind = this.header.getByRole('button', { name: 'Theme', exact: true });
    const choice = this.page.getByRole('group', { name: 'Theme' }).getByRole('button', { name, exact: true });
    if ((await behind.isVisible()) && !(await choice.isVisible())) await behind.click();
    return choice;
  }

  async choose(name: ThemeName): Promise<void> {
    await (await this.theme(name)).click();
  }

  /** The value of a colour of the style sheet, as in `#1077ff`. */
  token(name: string): Promise<string> {
    return this.page.evaluate((token) => getComputedStyle(document.documentElement).getPropertyValue(token).trim(), name);
  }
}

/** One tile. */
export class Widget {
  readonly heading: Locator;
  readonly canvas: Locator;
  /** The first picture, the one of the two sizes that is shown. */
  readonly svg: Locator;
  /** Its newest value large, where it has a single series. */
  readonly value: Locator;
  /** What it says of a series. */
  readonly legend: Locator;
  /** "last seen … ago". */
  readonly chip: Locator;

  constructor(readonly section: Locator) {
    this.heading = section.getByRole('heading', { level: 2 });
    this.canvas = section.locator('canvas');
    this.svg = section.locator('figure svg:not(.icon, .swatch)').filter({ visible: true });
    this.value = section.locator('.value');
    this.legend = section.getByRole('listitem');
    this.chip = section.getByText(/^last seen/);
  }

  /** The sentence that stands for the picture. */
  async sentence(): Promise<string> {
    return (await this.canvas.getAttribute('aria-label')) ?? '';
  }

  /** The value that is shown large, or that of the first series; what is no number is NaN. */
  async number(): Promise<number> {
    const shown = (await this.value.count()) > 0 ? this.value : this.legend.first().locator('.legend__last');
    return parseFloat(await shown.innerText());
  }

  /** The pixels of its canvas. */
  ink(): Promise<Ink> {
    return ink(this.canvas);
  }

  /** Equal for equal pictures. */
  async picture(): Promise<number> {
    return (await this.ink()).print;
  }
}
