// Players as they come from npm, with their own settings, through the start and the end of a broadcast.
import assert from 'node:assert/strict';

import { playableAt } from './check.mjs';
import { show, sleep, smallLadder, until } from './harness.mjs';
import { host, kPlayers } from './players.mjs';

for (const [name, player] of Object.entries(kPlayers)) {
  show(`${name} plays a broadcast from its start to its end`, async (scene) => {
    await scene.publish();
    await playableAt(scene.masterUrl);
    const site = await host(player, scene.masterUrl);
    scene.later(site.close);
    const page = await scene.browse();
    await page.goto(site.url);
    // hls.js 1.7 leaves out a last part that comes together with the end tag, and stands still a third of a second early.
    const state = () => page.evaluate(() => {
      const { ended, duration, currentTime } = document.querySelector('video');
      return { ended: ended || duration - currentTime < 0.5, problems: window.problems };
    });
    const video = () => page.evaluate(() => {
      const element = document.querySelector('video');
      return { time: element.currentTime, height: element.videoHeight, paused: element.paused };
    });
    await until(`${name} shows a picture`, async () => (await video()).height > 0 && (await video()).time > 0, 25_000);
    const first = await video();
    await sleep(6000);
    const second = await video();
    assert.ok(second.time - first.time > 5, `played ${second.time - first.time} s of 6`);
    await scene.api.stop(scene.stream.id);
    await until(`${name} has ended`, async () => (await state()).ended, 30_000);
    assert.deepEqual((await state()).problems, []);
  }, { stream: { ladder: smallLadder } });
}
