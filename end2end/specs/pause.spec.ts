// The picture can be held still, and goes on without a loss.

import { expect, test } from '../harness/test';

test('paused, nothing moves; resumed, everything does, and nothing is missing', async ({ dashboard }) => {
  await dashboard.open();
  const cpu = dashboard.widget('cpu_usage');
  await dashboard.untilItMoves('cpu_usage');

  await expect(dashboard.pause).toHaveText('Pause');
  await dashboard.pause.click();
  await expect(dashboard.pause).toHaveText('Resume');
  await expect(dashboard.pill).toContainText(/Paused since \d\d:\d\d:\d\d/);
  // A frame that was under way may still have been drawn.
  await cpu.section.page().evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const still = [await cpu.picture(), await cpu.sentence(), await dashboard.machine.innerText()];
  const received = frames(dashboard.sockets[0], 4);
  await received;
  expect([await cpu.picture(), await cpu.sentence(), still[2]]).toEqual(still);
  await expect(cpu.chip).toHaveCount(0);

  await dashboard.pause.click();
  await dashboard.untilLive();
  await expect.poll(() => cpu.picture()).not.toBe(still[0]);
  await expect(cpu.canvas).not.toHaveAccessibleName(/gap/);
});

/** Until `count` more frames have come. */
function frames(socket: import('@playwright/test').WebSocket | undefined, count: number): Promise<void> {
  return new Promise((done, fail) => {
    if (!socket) return fail(new Error('there is no socket'));
    let left = count;
    socket.on('framereceived', () => {
      left -= 1;
      if (left === 0) done();
    });
  });
}
