// The server is killed or stopped and comes back: same addresses, same broadcast; the page goes on by itself.
import assert from 'node:assert/strict';

import { framesAdvanced, playerState, waitForPhase } from './check.mjs';
import { show, sleep, smallLadder } from './harness.mjs';
import { installReader, readFrames } from '../support/reader.mjs';

async function comesBack(scene, signal, absentMs) {
  await scene.publish();
  const page = await scene.browse();
  await page.goto(scene.watchUrl);
  await waitForPhase(page, 'playing');
  await sleep(3000);
  const before = await playerState(page);

  const stopped = await scene.server.stop(signal);
  await scene.broadcaster.kill();
  await sleep(absentMs);
  await scene.server.restart();
  await scene.publish();
  await waitForPhase(page, 'playing', 30_000);
  await sleep(3000);
  await installReader(page);
  await sleep(4000);

  const after = await playerState(page);
  const { frames } = await readFrames(page);
  assert.equal(after.broadcast, before.broadcast, 'the broadcast goes on');
  assert.ok(framesAdvanced(frames, scene.clip.frames) > 2 * scene.clip.rate, 'the picture moves again');
  return stopped;
}

show('after ten seconds without a server the page goes on by itself', async (scene) => {
  await comesBack(scene, 'SIGKILL', 10_000);
}, { stream: { ladder: smallLadder } });

show('a planned restart exits cleanly and the broadcast goes on', async (scene) => {
  const [code] = await comesBack(scene, 'SIGTERM', 0);
  assert.equal(code, 0);
}, { stream: { ladder: smallLadder } });
