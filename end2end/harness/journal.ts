// What a page complains about: console errors and warnings, uncaught errors, broken policies.

import type { BrowserContext } from '@playwright/test';

/** Keeps every complaint of every page of a context. A test fails on those that it did not expect. */
export class Journal {
  private complaints: string[] = [];
  private expected: RegExp[] = [];

  /** Listens to all pages of `context`. */
  follow(context: BrowserContext): void {
    context.on('console', (message) => {
      if (['error', 'warning', 'assert'].includes(message.type())) {
        this.complaints.push(`${message.type()}: ${message.text()}`);
      }
    });
    context.on('weberror', (event) => {
      const { stack, message } = event.error();
      this.complaints.push(`uncaught: ${stack ?? message}`);
    });
  }

  /** A complaint that belongs to what the test does, such as a refused connection while the server is down. */
  expect(complaint: RegExp): void {
    this.expected.push(complaint);
  }

  /** What was complained about and not expected. */
  unexpected(): string[] {
    return this.complaints.filter((text) => !this.expected.some((pattern) => pattern.test(text)));
  }

  /** Complaints that match. */
  matching(pattern: RegExp): string[] {
    return this.complaints.filter((text) => pattern.test(text));
  }
}
