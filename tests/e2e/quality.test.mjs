// Renditions are switched, down and up, and the picture never stops.
import assert from 'node:assert/strict';

import { framesAdvanced, playableAt, playerState, waitForPhase } from './check.mjs';
import { show, sleep, until } from './harness.mjs';
import { videoOf } from '../support/browser.mjs';
import { installReader, readFrames } from '../support/reader.mjs';

async function choose(page, label) {
  await page.mouse.move(600, 300);
  await page.mouse.move(600, 320);  // the controls hide while nobody moves
  await page.click('#quality');
  await page.click(`#quality-menu button:has(span:text-is("${label}"))`);
}

// The heights whose parts were asked for before the first picture, in order.
const heightsBeforePicture = (page) => page.evaluate(() => performance.getEntriesByType('resource')
  .filter(({ startTime }) => startTime < window.livePlayer.joinMs)
  .map(({ name }) => Number(name.match(/\/v(\d+)\/.*\.m4s/)?.[1])).filter(Boolean));

show('the first picture is not kept waiting for a better one, which comes soon after', async (scene) => {
  await scene.publish();
  await playableAt(scene.masterUrl);
  const page = await scene.browse();
  await page.goto(scene.watchUrl);
  await waitForPhase(page, 'playing');
  const [first, ...others] = await heightsBeforePicture(page);
  assert.equal(first, 480, 'of 4 Mbit/s');
  assert.ok(others.every((height) => height <= first), `${first} and then ${others}`);
  await until('720p is shown', async () => (await videoOf(page)).height === 720);
  assert.equal((await playerState(page)).stalls, 0);
});

show('a player that grows while its first picture is on the way gets the quality for its new size', async (scene) => {
  await scene.publish();
  await playableAt(scene.masterUrl);
  const page = await scene.browse({ width: 280, height: 150 });
  const resized = new Promise((resolve) => {
    page.route('**/init*.mp4', async (route) => {
      await page.setViewportSize({ width: 1280, height: 720 });
      await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));
      await route.continue();
      resolve();
    }, { times: 1 });
  });
  await page.goto(scene.watchUrl);
  await resized;
  await until('360p is shown', async () => (await videoOf(page)).height === 360);
}, { stream: { ladder: [{ height: 360 }, { height: 160 }] } });

show('the viewer switches down and up again without a stall', async (scene) => {
  await scene.publish();
  const page = await scene.browse();
  await page.goto(scene.watchUrl);
  await waitForPhase(page, 'playing');
  await until('720p is shown', async () => (await videoOf(page)).height === 720);
  await installReader(page);

  await choose(page, '360p');
  await until('360p is shown', async () => (await videoOf(page)).height === 360);
  await choose(page, '720p');
  await until('720p is shown again', async () => (await videoOf(page)).height === 720);
  await page.keyboard.press('0');
  await sleep(2000);

  const { frames } = await readFrames(page);
  const state = await playerState(page);
  const seconds = (frames.at(-1).at - frames[0].at) / 1000;
  const advanced = framesAdvanced(frames, scene.clip.frames) / scene.clip.rate;
  assert.equal(state.stalls, 0);
  assert.ok(Math.abs(advanced - seconds) < 0.1 * seconds + 0.5, `${advanced} s of pictures in ${seconds} s`);
});

// hls.js alone: a hole in 15 of 20 such turns.
show('a viewer who changes the quality and changes back at once sees every picture', async (scene) => {
  await scene.publish();
  const page = await scene.browse();
  await page.goto(scene.watchUrl);
  await waitForPhase(page, 'playing');
  await page.keyboard.press('2');
  for (const ms of [30, 100, 200, 300, 450, 650]) {
    await sleep(2300);  // so that each turn begins elsewhere in a segment of 2 s
    await page.keyboard.press('1');
    await sleep(ms);
    await page.keyboard.press('2');
  }
  await sleep(2500);
  const ranges = await page.evaluate(() => {
    const { buffered } = document.querySelector('video');
    return [...Array(buffered.length).keys()].map((i) => [buffered.start(i), buffered.end(i)]);
  });
  assert.equal(ranges.length, 1, `buffered: ${JSON.stringify(ranges)}`);
  assert.equal((await playerState(page)).stalls, 0);
}, { stream: { ladder: [{ height: 360 }, { height: 160 }] } });
