// Players as they come from npm, with their own settings, through start, end and next broadcast. (Restarts: handover.test.mjs.)
import assert from 'node:assert/strict';

import { playableAt } from './check.mjs';
import { show, sleep, smallLadder, until } from './harness.mjs';
import { host, kPlayers } from './players.mjs';

const video = (page) => page.evaluate(() => {
  const { currentTime, duration, ended, videoHeight } = document.querySelector('video');
  return { time: currentTime, duration, ended, height: videoHeight, problems: window.problems };
});

async function playsOn(name, { standsStillS = 0 }, page) {
  await until(`${name} shows a picture`, async () => (await video(page)).height > 0 && (await video(page)).time > 0, 25_000);
  const first = await video(page);
  await sleep(6000);
  const second = await video(page);
  assert.ok(second.time - first.time > 5 - standsStillS, `played ${second.time - first.time} s of 6`);
  assert.deepEqual(second.problems, []);
}

const renditionsOf = async (masterUrl) => (await (await fetch(masterUrl)).text()).split('\n').filter((line) => line && !line.startsWith('#'));

for (const [name, player] of Object.entries(kPlayers)) {
  show(`${name} plays a broadcast from its start to its end, and then the next one`, async (scene) => {
    await scene.publish();
    await playableAt(scene.masterUrl);
    const site = await host(player, scene.masterUrl);
    scene.later(site.close);
    const page = await scene.browse();
    await page.goto(site.url);
    await playsOn(name, player, page);

    const [first] = await renditionsOf(scene.masterUrl);
    await scene.api.stop(scene.stream.id, 0);
    // Video.js in low latency has all of it when the end tag comes, and then stands still on the last frame without an "ended".
    await until(`${name} has ended`, async () => {
      const { ended, duration, time } = await video(page);
      return ended || duration - time < 0.5;
    }, 30_000);
    assert.deepEqual((await video(page)).problems, []);

    await scene.broadcaster.kill();
    await scene.publish();
    await until('the next broadcast is there', async () => (await renditionsOf(scene.masterUrl))[0] !== first);
    await page.evaluate(() => window.playAgain());
    await until(`${name} has let go of the first`, async () => (await video(page)).duration !== 0 && !(await video(page)).ended);
    await playsOn(name, player, page);
  }, { stream: { ladder: smallLadder } });
}
