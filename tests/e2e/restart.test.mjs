// The server is killed or stopped and comes back: same addresses, same broadcast; the page goes on by itself.
import assert from 'node:assert/strict';

import { framesAdvanced, playableAt, playerState, waitForPhase } from './check.mjs';
import { show, sleep, smallLadder, until } from './harness.mjs';
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

show('a viewer who pauses while the picture stands still is told nothing once it could go on, and finds it paused', async (scene) => {
  const video = () => page.evaluate(() => {
    const { paused, currentTime } = document.querySelector('video');
    return { paused, currentTime };
  });
  const standStillAndPause = async () => {
    await page.context().setOffline(true);
    await waitForPhase(page, 'waiting');
    await page.keyboard.press('k');
  };
  await scene.publish();
  const page = await scene.browse();
  await page.goto(scene.watchUrl);
  await waitForPhase(page, 'playing');
  await standStillAndPause();
  await page.context().setOffline(false);
  await waitForPhase(page, 'playing');
  assert.equal((await video()).paused, true);

  await page.keyboard.press('k');
  await standStillAndPause();
  const { broadcast } = await playerState(page);
  await page.route(`${broadcast}/**`, (route) => route.abort());  // or its rest may come before the next one is seen
  await scene.api.stop(scene.stream.id, 0);
  await scene.broadcaster.kill();
  await scene.publish();
  await playableAt(scene.masterUrl);
  await page.context().setOffline(false);
  await until('the next broadcast', async () => (await playerState(page)).broadcast !== broadcast);
  await waitForPhase(page, 'playing');
  const { paused, currentTime } = await video();
  assert.equal(paused, true, 'what was paused is not started');
  await page.keyboard.press('k');
  await until('it plays', async () => (await video()).currentTime > currentTime + 0.5);
}, { stream: { ladder: smallLadder } });
