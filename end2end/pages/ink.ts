// What is on a canvas: read pixel by pixel, in the browser.

import type { Locator } from '@playwright/test';

/** A colour, opaque. */
export type Rgb = [red: number, green: number, blue: number];

/** What was drawn, all canvases of one place laid over each other. */
export interface Ink {
  /** The backing store's size in device pixels. */
  width: number;
  height: number;
  /** Pixels that are not fully transparent. */
  painted: number;
  /** Equal for equal pictures. */
  print: number;
  /** Opaque colours by how many pixels have them, most first, the first fifty. */
  colours: Array<{ colour: Rgb; pixels: number }>;
}

/** Reads what `canvases` show. Their pixels are copied first, so that reading leaves no mark on the page's own. */
export function ink(canvases: Locator): Promise<Ink> {
  return canvases.evaluateAll((elements) => {
    const sources = elements.filter((element) => element instanceof HTMLCanvasElement);
    const width = Math.max(0, ...sources.map((source) => source.width));
    const height = Math.max(0, ...sources.map((source) => source.height));
    if (width === 0 || height === 0) return { width, height, painted: 0, print: 0, colours: [] };
    const copy = new OffscreenCanvas(width, height);
    const context = copy.getContext('2d', { willReadFrequently: true });
    if (!context) throw new Error('no context to read pixels with');
    for (const source of sources) context.drawImage(source, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    const counts = new Map<number, number>();
    let painted = 0;
    let print = 17;
    for (let at = 0; at < data.length; at += 4) {
      const [red = 0, green = 0, blue = 0, alpha = 0] = data.subarray(at, at + 4);
      const colour = (red << 16) | (green << 8) | blue;
      print = (Math.imul(print, 31) + ((colour << 8) | alpha)) | 0;
      if (alpha > 0) painted += 1;
      if (alpha === 255) counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
    const colours = [...counts]
      .sort((a, b) => b[1] - a[1])
      .slice(0, 50)
      .map(([colour, pixels]) => ({
        colour: [colour >> 16, (colour >> 8) & 255, colour & 255] as [number, number, number],
        pixels,
      }));
    return { width, height, painted, print, colours };
  });
}

/** How far apart two colours are: the largest difference of one channel. */
export function apart(a: Rgb, b: Rgb): number {
  return Math.max(...a.map((channel, i) => Math.abs(channel - (b[i] ?? 0))));
}
