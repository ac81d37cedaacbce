// An address that leads nowhere says so, and shows the way back.

import { get } from 'node:http';
import { expect, test } from '../harness/test';

test('an unknown address is answered with 404 and a way back to the overview', async ({ page, dashboard, journal }) => {
  journal.expect(/status of 404/);
  const answer = await page.goto('/no/such/page');
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page).toHaveTitle(/no such page/i);
  // There is nothing here to pause, or to look at over another time.
  await expect(dashboard.pause).toHaveCount(0);

  await page.getByRole('main').getByRole('link').click();
  await dashboard.untilLive();
  await expect(page).toHaveURL(/\/$/);
  await expect(dashboard.pause).toBeVisible();
});

test('it can be read with scripts off', async ({ openWith, journal }) => {
  journal.expect(/status of 404/);
  const page = await openWith({ javaScriptEnabled: false });
  await page.goto('/no/such/page');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.getByRole('main').getByRole('link').click();
  await expect(page).toHaveURL(/\/$/);
});

for (const path of ['/pkg/nothing.js', '/favicon.nope', '/../../etc/passwd', '/pkg/../../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd']) {
  test(`${path} is no file of ours`, async ({ telltale }) => {
    const { status, text } = await askFor(telltale.url, path);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(text).not.toContain('root:');
  });
}

/** What the server answers to exactly this path; browsers and their like would tidy it up. */
function askFor(url: string, path: string): Promise<{ status: number | undefined; text: string }> {
  return new Promise((done, fail) => {
    const asked = get(url, { path }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.on('end', () => done({ status: answer.statusCode, text }));
    });
    asked.on('error', fail);
  });
}
