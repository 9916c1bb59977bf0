// Players as they come from npm, with their own settings, through start, end and next broadcast, all of it under a path that
// the server knows nothing of. (Restarts: handover.test.mjs.)
import assert from 'node:assert/strict';

import { show, sleep, smallLadder, until } from './harness.mjs';
import { kPlayers, openPlayer, positionOf, problemsOf, shown, slackOf } from './players.mjs';
import { assertOnlyThrough, underPrefix } from './prefix.mjs';
import { videoOf } from '../support/browser.mjs';
import { listedIn } from '../support/playlists.mjs';

async function playsOn(player, view, leastS) {
  await shown(view.page);
  const before = await positionOf(player, view);
  await sleep(6000);
  const played = (await positionOf(player, view)) - before;
  assert.ok(played > leastS - slackOf(player), `played ${played} s of 6`);
  assert.deepEqual(await problemsOf(view.page), []);
}

const textOf = async (url) => (await fetch(url)).text();
const firstRendition = async (masterUrl) => listedIn(await textOf(masterUrl), masterUrl)[0];

// Has the player said so? One with holes may stand before one then: that it took the last part is what can be asked of it.
async function hasEnded({ holes }, { page, urls }, playlistUrl) {
  if (!holes) return (await videoOf(page)).ended;
  const text = await textOf(playlistUrl);
  const last = text.match(/\d+\.\d+\.m4s/g).pop();
  return text.includes('#EXT-X-ENDLIST') && urls.some((url) => /\/v\d+\//.test(url) && url.endsWith(`/${last}`));
}

for (const [name, player] of Object.entries(kPlayers)) {
  show(`${name} plays a broadcast from its start to its end, and then the next one`, async (scene) => {
    const { proxy, master } = await underPrefix(scene);
    await scene.publish();
    const view = await openPlayer(scene, player, master);
    await sleep(1000);
    await view.page.evaluate(() => {
      window.stalls = 0;
      document.querySelector('video').addEventListener('waiting', () => { ++window.stalls; });
    });
    await playsOn(player, view, 5.5);
    if (!player.holes) assert.equal(await view.page.evaluate(() => window.stalls), 0, 'stalls');

    const first = await firstRendition(master);
    await scene.api.stop(scene.stream.id, 0);
    await until(`${name} has ended`, () => hasEnded(player, view, first), 30_000);
    assert.deepEqual(await problemsOf(view.page), []);

    await scene.broadcaster.kill();
    await scene.publish();
    await until('the next broadcast is there', async () => (await firstRendition(master)) !== first);
    await view.page.evaluate(() => window.playAgain());
    await until(`${name} has let go of the first`, () => view.page.evaluate(() => {
      const { duration, ended } = document.querySelector('video');
      return duration !== 0 && !ended;
    }));
    await playsOn(player, view, 5);
    assert.ok(view.urls.some((url) => url.includes('/a0/')) && view.urls.some((url) => /\/v\d+\/.*\.m4s/.test(url)));
    assertOnlyThrough(proxy, view.urls, [view.site]);
  }, { stream: { ladder: smallLadder } });
}
