// What happens around one broadcast: the publisher drops out and returns, the broadcast ends, the next one begins.
import assert from 'node:assert/strict';

import { framesAdvanced, playableAt, playerState, waitForPhase } from './check.mjs';
import { show, sleep, smallLadder, until } from './harness.mjs';
import { videoOf } from '../support/browser.mjs';
import { listedIn } from '../support/playlists.mjs';
import { installReader, readFrames } from '../support/reader.mjs';

async function playlistOf(masterUrl) {
  const [first] = listedIn(await (await fetch(masterUrl)).text(), masterUrl);
  return (await fetch(first)).text();
}

// Nothing is left to play: neither a click nor a key may start the old broadcast again behind the message.
async function staysEnded(page) {
  const before = await videoOf(page);
  await page.mouse.click(640, 200);
  assert.deepEqual(await videoOf(page), before, 'a click');
  for (const key of [' ', 'k', 'l', 'ArrowLeft', 'ArrowRight']) {
    await page.keyboard.press(key);
    assert.deepEqual(await videoOf(page), before, `the key "${key}"`);
  }
}

show('a publisher that drops out and returns stays in the same broadcast, and the page plays on', async (scene) => {
  await scene.publish();
  const page = await scene.browse();
  await page.goto(scene.watchUrl);
  await waitForPhase(page, 'playing');
  const before = await playerState(page);

  await scene.broadcaster.kill();
  await sleep(3000);
  await scene.publish();
  await installReader(page);
  await sleep(5000);

  const after = await playerState(page);
  const { frames } = await readFrames(page);
  assert.equal(after.broadcast, before.broadcast);
  assert.equal(after.stalls, 0, 'the server shows the last frame meanwhile');
  assert.ok(after.currentTime - before.currentTime > 7, `played ${after.currentTime - before.currentTime} s of 8`);
  assert.ok(framesAdvanced(frames, scene.clip.frames) > scene.clip.rate, 'the picture moves again');
}, { stream: { ladder: smallLadder } });

show('the end of a broadcast is said, and the next one starts by itself, in the quality that was chosen', async (scene) => {
  await scene.publish();
  const page = await scene.browse();
  await page.goto(scene.watchUrl);
  await waitForPhase(page, 'playing');
  const first = (await playerState(page)).broadcast;
  await page.keyboard.press(String(smallLadder.length));  // the lowest is never shed

  const { status } = await scene.api.stop(scene.stream.id, 0);
  assert.ok(status >= 200 && status < 300, `stop answered ${status}`);
  await until('the playlist has its end tag', async () => (await playlistOf(scene.masterUrl)).includes('#EXT-X-ENDLIST'));
  await waitForPhase(page, 'ended');
  assert.match(await page.textContent('#message-title'), /ended/);
  await staysEnded(page);

  await scene.broadcaster.kill();
  await scene.publish();
  await waitForPhase(page, 'playing');
  assert.notEqual((await playerState(page)).broadcast, first);
  assert.equal(await page.textContent('#quality-menu [aria-checked=true] span'), '160p');
  assert.equal((await videoOf(page)).height, 160);
}, { stream: { ladder: smallLadder } });

show('a page that is opened before the broadcast says so, or that the server is busy, and starts by itself', async (scene) => {
  const page = await scene.browse();
  await page.route('**/master.m3u8', (route) => route.fulfill({ status: 503 }));
  await page.goto(scene.watchUrl);
  await waitForPhase(page, 'busy');
  await page.waitForSelector('#message:not([hidden])');
  assert.match(await page.textContent('#message-title'), /cannot send the stream/);
  await page.unroute('**/master.m3u8');
  await waitForPhase(page, 'offline');
  assert.match(await page.textContent('#message-title'), /offline/);
  await scene.publish();
  await playableAt(scene.masterUrl);
  await waitForPhase(page, 'playing');
  assert.equal(await page.isVisible('#message'), false);
}, { stream: { ladder: smallLadder } });

// As on an iPhone before iOS 17.1, where hls.js cannot run.
show('an address that expires while it plays is told as what it is, and plays on when it is good again', async (scene) => {
  await scene.publish();
  const page = await scene.browse();
  await page.goto(scene.watchUrl);
  await waitForPhase(page, 'playing');
  await page.route('**/*.m3u8*', (route) => route.fulfill({ status: 403, body: '' }));
  await waitForPhase(page, 'waiting');
  const since = Date.now();
  await waitForPhase(page, 'refused', 10_000);
  assert.ok(Date.now() - since < 5000, `${Date.now() - since} ms of "goes on by itself"`);
  await page.unroute('**/*.m3u8*');
  await waitForPhase(page, 'playing');
}, { stream: { ladder: [{ height: 160 }] } });

show('the browser\'s own player says neither that the server is gone nor the same broadcast twice', async (scene) => {
  await scene.publish();
  await playableAt(scene.masterUrl);
  const page = await scene.browse();
  await page.route('**/hls.min.js', (route) => route.fulfill({ contentType: 'text/javascript', body: '' }));
  await page.route('**/master.m3u8', (route) => route.fulfill({ body: 'no playlist' }), { times: 1 });
  await page.addInitScript(() => {
    window.phases = [];
    new MutationObserver(([{ target }]) => window.phases.push(target.dataset.phase))
      .observe(document, { subtree: true, attributeFilter: ['data-phase'] });
  });
  await page.goto(scene.watchUrl);
  await waitForPhase(page, 'playing');
  assert.deepEqual(await page.evaluate(() => [...new Set(window.phases)]), ['connecting', 'playing']);
  const { broadcast } = await playerState(page);

  await scene.api.stop(scene.stream.id, 0);
  await waitForPhase(page, 'ended');
  for (let looks = 0; looks < 2; ++looks) await page.waitForResponse('**/master.m3u8');
  assert.equal((await playerState(page)).phase, 'ended');

  await scene.broadcaster.kill();
  await scene.publish();
  await waitForPhase(page, 'playing', 30_000);
  await until('the next broadcast is known', async () => (await playerState(page)).broadcast !== broadcast);
}, { stream: { ladder: smallLadder } });
