// Everything is played under a path that the server knows nothing of: nothing it writes may leave that path.
import assert from 'node:assert/strict';

import { framesAdvanced, playableAt, playerState, waitForPhase } from './check.mjs';
import { show, sleep, smallLadder, until } from './harness.mjs';
import { requestsOf } from './players.mjs';
import { assertOnlyThrough, underPrefix } from './prefix.mjs';
import { videoOf } from '../support/browser.mjs';
import { addressesIn } from '../support/playlists.mjs';
import { installReader, readFrames } from '../support/reader.mjs';

const firstPlaylistOf = (urls, rendition) => urls.find((url) => url.includes(`/${rendition}/index.m3u8`));

show('the watch page under a path prefix plays and switches, and asks for nothing beside it', async (scene) => {
  const { proxy, watch } = await underPrefix(scene);
  await scene.publish();
  const page = await scene.browse();
  const urls = requestsOf(page);
  await page.goto(watch);
  await waitForPhase(page, 'playing');
  await installReader(page);
  await sleep(4000);
  const { levels } = await playerState(page);
  const { height } = levels.at(-1);  // the lowest is never shed
  await page.keyboard.press(String(levels.length));
  await until(`${height}p is shown`, async () => (await videoOf(page)).height === height);
  await sleep(3000);

  const { frames } = await readFrames(page);
  const seconds = (frames.at(-1).at - frames[0].at) / 1000;
  const advanced = framesAdvanced(frames, scene.clip.frames) / scene.clip.rate;
  const state = await playerState(page);
  assert.equal(state.stalls, 0);
  assert.ok(state.lowLatencyMode, 'in low-latency mode');
  assert.ok(Math.abs(advanced - seconds) < 0.1 * seconds + 0.5, `${advanced} s of pictures in ${seconds} s`);
  const firsts = levels.map((each) => firstPlaylistOf(urls, `v${each.height}`)).filter(Boolean);
  assert.ok(firsts.some((url) => /_HLS_msn=\d+/.test(url)), `a report led from one playlist to the other: ${firsts}`);
  assertOnlyThrough(proxy, urls);
}, { stream: { ladder: smallLadder } });

// One rung: the lowest is never shed, however busy the machine is.
show('every address in every playlist stays under the prefix and can be fetched there, reports and hints included', async (scene) => {
  const { proxy, master } = await underPrefix(scene);
  await scene.publish();
  await playableAt(master);
  const fetched = async (url) => {
    const response = await fetch(url);
    assert.equal(response.status, 200, url);
    return response;
  };
  const playlists = addressesIn(await (await fetched(master)).text(), master);
  assert.equal(playlists.length, 2, 'video and audio');
  for (const playlist of playlists) {
    assert.ok(playlist.startsWith(proxy.url), playlist);
    const text = await (await fetched(playlist)).text();
    for (const tag of ['EXT-X-MAP', 'EXT-X-PART', 'EXT-X-PRELOAD-HINT', 'EXT-X-RENDITION-REPORT']) assert.ok(text.includes(`#${tag}:`), tag);
    for (const address of new Set(addressesIn(text, playlist))) {
      assert.ok(address.startsWith(proxy.url), address);
      await (await fetched(address)).arrayBuffer();
    }
  }
  assert.deepEqual(proxy.strays, []);
}, { stream: { ladder: [{ height: 160 }] } });
