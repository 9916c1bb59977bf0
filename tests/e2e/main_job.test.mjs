// The main job: what a broadcaster pushes is what a viewer sees, in low-latency mode, without a stall.
import assert from 'node:assert/strict';

import { watch } from './check.mjs';
import { show } from './harness.mjs';

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
