// A planned restart whose listening sockets are kept by a service manager: players with their own settings notice nothing worth
// giving up for.
import assert from 'node:assert/strict';

import { playableAt } from './check.mjs';
import { show, sleep, smallLadder, until } from './harness.mjs';
import { kPlayers, openPlayer, positionOf, slackOf } from './players.mjs';
import { KeptServer } from '../support/kept_server.mjs';
import { addressesIn } from '../support/playlists.mjs';

// An encoder that reconnects at once when its connection breaks, as encoders do. Returns how to stop it.
function keepPublishing(scene) {
  let over = false;
  const loop = async () => {
    while (!over) {
      await scene.broadcaster.exited;
      if (!over) await scene.publish().catch(() => {});
    }
  };
  loop();
  scene.later(async () => { over = true; });
}

// Asks for the multivariant again and again. stop() gives the longest time between two answers and every other kind of end.
function probe(url) {
  let over = false, last = Date.now(), longest = 0;
  const others = new Set();
  const loop = (async () => {
    while (!over) {
      try {
        const response = await fetch(url, { cache: 'no-store', headers: { Connection: 'close' } });
        await response.arrayBuffer();
        if (response.ok) {
          longest = Math.max(longest, Date.now() - last);
          last = Date.now();
        } else {
          others.add(response.status);
        }
      } catch (error) {
        others.add(error.cause?.code ?? error.message);
      }
      await sleep(10);
    }
  })();
  return async () => {
    over = true;
    await loop;
    return { outageMs: longest, others: [...others] };
  };
}

// Leaves window.longestStandstill in ms, of the picture in <video>.
function watchStandstill() {
  const video = document.querySelector('video');
  let position = video.currentTime, since = performance.now();
  window.longestStandstill = 0;
  setInterval(() => {
    if (video.currentTime !== position) since = performance.now();
    position = video.currentTime;
    window.longestStandstill = Math.max(window.longestStandstill, performance.now() - since);
  }, 20);
}

async function mediaPlaylists(masterUrl) {
  return addressesIn(await (await fetch(masterUrl)).text(), masterUrl);
}

show('at a planned restart held requests are sent away and new connections wait for the server', async (scene) => {
  await scene.publish();
  await playableAt(scene.masterUrl);
  const [video] = await mediaPlaylists(scene.masterUrl);
  const text = await (await fetch(video)).text();
  const next = Number(text.match(/MEDIA-SEQUENCE:(\d+)/)[1]) + text.match(/#EXTINF/g).length + 1;
  const held = fetch(`${video}?_HLS_msn=${next}`);  // two segments from now
  await sleep(200);  // it is there and waits

  const restarted = scene.server.restart();
  const sentAway = await held;
  const waited = await fetch(video, { headers: { Connection: 'close' } });
  const { code, exitMs, readyMs } = await restarted;
  assert.equal(sentAway.status, 503);
  assert.equal(sentAway.headers.get('connection'), 'close');
  assert.equal(sentAway.headers.get('cache-control'), 'no-store');
  assert.equal(waited.status, 200);
  assert.match(await waited.text(), /#EXTINF/);
  assert.equal(code, 0);
  console.log(JSON.stringify({ exit_ms: exitMs, ready_ms: readyMs }));
}, { stream: { ladder: smallLadder }, kind: KeptServer });

for (const [name, player] of Object.entries(kPlayers)) {
  show(`${name} plays through a planned restart with kept sockets`, async (scene) => {
    await scene.publish();
    const view = await openPlayer(scene, player);
    const { page } = view;
    const position = () => positionOf(player, view);
    const start = await position();
    await until(`${name} has played 4 s`, async () => (await position()) >= start + 4);
    await page.evaluate(watchStandstill);
    keepPublishing(scene);
    const probed = probe(scene.masterUrl);

    const before = await position();
    const { code, exitMs, readyMs } = await scene.server.restart();
    await sleep(10_000);

    const played = (await position()) - before;
    const { outageMs, others } = await probed();
    const { problems, longestStandstill } = await page.evaluate(() => ({ problems: window.problems, longestStandstill: window.longestStandstill }));
    console.log(JSON.stringify({ player: name, exit_ms: exitMs, ready_ms: readyMs, outage_ms: outageMs, probe: others,
      standstill_ms: Math.round(longestStandstill), played_s: Number(played.toFixed(1)) }));
    assert.equal(code, 0);
    assert.deepEqual(problems, []);
    assert.ok(played > 8 - slackOf(player), `played ${played} s of 10`);
    assert.ok(!others.includes('ECONNREFUSED'), 'new connections wait');
    assert.ok(outageMs < 3000, `nothing was served for ${outageMs} ms`);
    for (const url of await mediaPlaylists(scene.masterUrl)) {
      assert.doesNotMatch(await (await fetch(url)).text(), /#EXT-X-(DISCONTINUITY|GAP)\b(?!-)/);
    }
  }, { stream: { ladder: smallLadder }, kind: KeptServer });
}
