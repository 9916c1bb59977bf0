// Renditions are switched, down and up, and the picture never stops.
import assert from 'node:assert/strict';

import { playableAt, playerState, stepsOf, waitForPhase } from './check.mjs';
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
  assert.equal(first, 240, 'of 4 Mbit/s');
  assert.ok(others.every((height) => height <= first), `${first} and then ${others}`);
  await until('480p is shown', async () => (await videoOf(page)).height === 480);
  assert.equal((await playerState(page)).stalls, 0);
}, { stream: { ladder: [{ height: 480, bitrate_bps: 4_500_000 }, { height: 240 }] } });

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

const kTwoRungs = { stream: { ladder: [{ height: 360 }, { height: 160 }] } };

// One part that is not shown is ten frames.
function assertWhole(frames, clip) {
  const odd = stepsOf(frames, clip.frames).map((step, i) => ({ step, from: frames[i].height, to: frames[i + 1].height }))
    .filter(({ step }) => step < 0 || step > 8);
  assert.deepEqual(odd, []);
}

show('the viewer switches down and up again and sees every part', async (scene) => {
  await scene.publish();
  const page = await scene.browse();
  await page.goto(scene.watchUrl);
  await waitForPhase(page, 'playing');
  await until('360p is shown', async () => (await videoOf(page)).height === 360);
  await installReader(page);
  for (const height of [160, 360, 160, 360]) {
    await choose(page, `${height}p`);
    await until(`${height}p is shown`, async () => (await videoOf(page)).height === height);
  }
  await page.keyboard.press('0');
  await sleep(2000);
  assertWhole((await readFrames(page)).frames, scene.clip);
  assert.equal((await playerState(page)).stalls, 0);
}, kTwoRungs);

// hls.js alone: a hole in 15 of 20 such turns.
show('a viewer who changes the quality and changes back at once sees every part', async (scene) => {
  await scene.publish();
  const page = await scene.browse();
  await page.goto(scene.watchUrl);
  await waitForPhase(page, 'playing');
  await page.keyboard.press('2');
  await until('160p is shown', async () => (await videoOf(page)).height === 160);
  await installReader(page);
  for (const ms of [30, 100, 200, 300, 450, 650]) {
    await sleep(2300);  // so that each turn begins elsewhere in a segment of 2 s
    await page.keyboard.press('1');
    await sleep(ms);
    await page.keyboard.press('2');
  }
  await sleep(2500);
  assertWhole((await readFrames(page)).frames, scene.clip);
  const ranges = await page.evaluate(() => {
    const { buffered } = document.querySelector('video');
    return [...Array(buffered.length).keys()].map((i) => [buffered.start(i), buffered.end(i)]);
  });
  assert.equal(ranges.length, 1, `buffered: ${JSON.stringify(ranges)}`);
  assert.equal((await playerState(page)).stalls, 0);
}, kTwoRungs);

show('a line that gets slow brings the player down, and it does not try again at once what was too much', async (scene) => {
  await scene.publish();
  await playableAt(scene.masterUrl);
  const page = await scene.browse();
  await page.goto(scene.watchUrl);
  await until('480p is shown', async () => (await videoOf(page)).height === 480);
  const asked = [];
  page.on('request', (request) => asked.push(Number(request.url().match(/\/v(\d+)\/.*\.m4s/)?.[1] ?? NaN)));
  const network = await page.context().newCDPSession(page);
  await network.send('Network.enable');
  await network.send('Network.emulateNetworkConditions', { offline: false, latency: 20, downloadThroughput: 600_000 / 8, uploadThroughput: -1 });
  await until('something smaller is shown', async () => (await videoOf(page)).height < 480);
  await sleep(5000);
  const heights = asked.filter(Boolean);
  const since = heights.slice(heights.findIndex((height) => height < 480));
  assert.ok(since.length > 5 && !since.includes(480), `asked for ${heights}`);
  assert.equal((await playerState(page)).phase, 'playing');
}, { stream: { ladder: [{ height: 480, bitrate_bps: 2_500_000 }, { height: 240, bitrate_bps: 400_000 }, { height: 160, bitrate_bps: 150_000 }] } });
