// The server is killed or stopped and comes back: same addresses, same broadcast; the page goes on by itself.
import assert from 'node:assert/strict';

import { framesAdvanced, playableAt, playerState, waitForPhase } from './check.mjs';
import { show, sleep, smallLadder, until } from './harness.mjs';
import { videoOf } from '../support/browser.mjs';
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
  assert.equal((await videoOf(page)).paused, true);

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
  const { paused, time } = await videoOf(page);
  assert.equal(paused, true, 'what was paused is not started');
  await page.keyboard.press('k');
  await until('it plays', async () => (await videoOf(page)).time > time + 0.5);
}, { stream: { ladder: smallLadder } });

// What the API says first, asked from before the server is there.
async function firstAnswer(scene) {
  const answer = until('an answer of the API', () => scene.api.stream(scene.stream.id).catch(() => null));
  await scene.server.restart();
  const { state } = await answer;
  const { broadcast_id: broadcast } = await scene.api.stats(scene.stream.id);
  return { state, broadcast };
}

show('after a restart the first answer of the API knows the broadcast', async (scene) => {
  const stats = () => scene.api.stats(scene.stream.id);
  await scene.publish();
  await until('the stream is live', async () => (await stats()).state === 'live' && (await fetch(scene.masterUrl)).ok);
  const { broadcast_id: broadcast } = await stats();
  await scene.server.stop('SIGKILL');
  await scene.broadcaster.kill();
  assert.deepEqual(await firstAnswer(scene), { state: 'interrupted', broadcast });

  await scene.api.stop(scene.stream.id);
  await until('its final playlist is out', async () => (await scene.server.log()).includes('broadcast.ended'));
  await scene.server.stop();
  const before = (await scene.server.log()).length;
  assert.deepEqual(await firstAnswer(scene), { state: 'ended', broadcast });
  assert.ok(!/"level":"warning".*not_resumed/.test((await scene.server.log()).slice(before)), 'nothing went wrong');
}, { stream: { ladder: smallLadder } });
