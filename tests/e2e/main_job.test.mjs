// The main job: what a broadcaster pushes is what a viewer sees, in low-latency mode, without a stall.
import assert from 'node:assert/strict';

import { playerState, waitForPhase, watch } from './check.mjs';
import { show, sleep, until } from './harness.mjs';

show('the watch page plays what the broadcaster pushes', async (scene) => {
  await scene.publish();
  const page = await scene.browse();
  await page.goto(scene.watchUrl);
  const { measured, faults } = await watch(page, scene.broadcaster, scene.clip, 12);
  console.log(JSON.stringify(measured));
  assert.deepEqual(faults, []);
  assert.ok(measured.renditions >= 3, `${measured.renditions} renditions`);
  assert.ok(measured.latency_p50_s < 4, `latency of ${measured.latency_p50_s} s`);
  assert.deepEqual(page.problems, []);
});

show('profile ultra plays too', async (scene) => {
  await scene.publish();
  const page = await scene.browse();
  await page.goto(scene.watchUrl);
  const { measured, faults } = await watch(page, scene.broadcaster, scene.clip, 10);
  console.log(JSON.stringify(measured));
  assert.deepEqual(faults, []);
}, { stream: { latency_profile: 'ultra' } });

show('after stalls the page comes back to the delay that the server asks for', async (scene) => {
  await scene.publish();
  const page = await scene.browse();
  await page.goto(scene.watchUrl);
  await waitForPhase(page, 'playing');
  const { targetLatency } = await playerState(page);
  const isThere = async () => {
    const { latency, targetLatency: target, phase } = await playerState(page);
    return phase === 'playing' && target === targetLatency && latency - target < 0.3;
  };
  for (let i = 0; i < 2; ++i) {
    process.kill(scene.server.pid, 'SIGSTOP');
    await sleep(2000);
    process.kill(scene.server.pid, 'SIGCONT');
    await sleep(2000);
  }
  assert.ok((await playerState(page)).stalls > 0, 'the picture stood still');
  await until('it is there again', isThere, 60_000);
}, { stream: { latency_profile: 'ultra', ladder: [{ height: 160 }] } });
