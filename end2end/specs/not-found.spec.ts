// An address that leads nowhere says so, and shows the way back.

import { expect, test } from '../harness/test';

test('an unknown address is answered with 404 and a way back to the overview', async ({ page, dashboard, journal }) => {
  journal.expect(/status of 404/);
  const answer = await page.goto('/no/such/page');
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page).toHaveTitle(/no such page/i);

  await page.getByRole('main').getByRole('link').click();
  await dashboard.untilLive();
  await expect(page).toHaveURL(/\/$/);
});

test('it can be read with scripts off', async ({ openWith, journal }) => {
  journal.expect(/status of 404/);
  const page = await openWith({ javaScriptEnabled: false });
  await page.goto('/no/such/page');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.getByRole('main').getByRole('link').click();
  await expect(page).toHaveURL(/\/$/);
});

for (const path of ['/pkg/nothing.js', '/favicon.nope', '/../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd']) {
  test(`${path} is no file of ours`, async ({ request }) => {
    const answer = await request.get(path);
    expect(answer.status()).toBe(404);
    expect(await answer.text()).not.toContain('root:');
  });
}
