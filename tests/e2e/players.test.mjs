// Players as they come from npm, with their own settings, through the start and the end of a broadcast.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

import { playableAt } from './check.mjs';
import { show, sleep, smallLadder, until } from './harness.mjs';

const require = createRequire(import.meta.url);

// How each one is told to play `src` in <video id="v">.
const kPlayers = {
  'hls.js': {
    script: 'hls.js/dist/hls.min.js',
    start: 'const hls = new Hls(); hls.loadSource(src); hls.attachMedia(v);',
  },
  'Shaka Player': {
    script: 'shaka-player/dist/shaka-player.compiled.js',
    start: `const p = new shaka.Player(); await p.attach(v);
            p.configure({streaming: {lowLatencyMode: true}}); await p.load(src);`,
  },
  // Its low-latency mode asks for what it already has and then, while caches may answer, sees nothing new for 12 s.
  'Video.js (VHS)': {
    script: 'video.js/dist/video.min.js',
    start: `videojs(v, {html5: {vhs: {overrideNative: true, llhls: false}}}).src({src, type: 'application/vnd.apple.mpegurl'});`,
  },
};

// Serves one page with one player from another origin than the stream, as a site of its own would.
async function host({ script, start }, src) {
  const code = await readFile(require.resolve(script).toString());
  const page = `<!doctype html><video id="v" muted playsinline width="640"></video><script src="/player.js"></script>
<script>const v = document.getElementById('v'); const src = ${JSON.stringify(src)};
(async () => { ${start} v.play(); })().catch((error) => { window.problem = String(error); });</script>`;
  const server = createServer((request, response) => {
    const isScript = request.url === '/player.js';
    response.writeHead(200, { 'Content-Type': isScript ? 'text/javascript' : 'text/html' });
    response.end(isScript ? code : page);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: async () => { server.close(); server.closeAllConnections(); } };
}

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
      return { ended: ended || duration - currentTime < 0.5, problem: window.problem };
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
    assert.equal((await state()).problem, undefined);
  }, { stream: { ladder: smallLadder } });
}
