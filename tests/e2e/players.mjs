// The players that others build on, as they come from npm, each on a page of its own.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

import { playableAt } from './check.mjs';
import { until } from './harness.mjs';
import { videoOf } from '../support/browser.mjs';

const require = createRequire(import.meta.url);

// How each one is made on <video id="v"> and told to play `src`, now and once more; it calls fatal(what) when it gives up.
// `holes`: it drops pictures that it was sent (README.md), so that its playhead says little of the server.
export const kPlayers = {
  'hls.js': {
    script: 'hls.js/dist/hls.min.js',
    create: `const player = new Hls();
             player.on(Hls.Events.ERROR, (event, data) => { if (data.fatal) fatal(data.details); });
             player.attachMedia(v);`,
    load: 'player.loadSource(src);',
  },
  'Shaka Player': {
    script: 'shaka-player/dist/shaka-player.compiled.js',
    create: `const player = new shaka.Player();
             player.addEventListener('error', ({ detail }) => { if (detail.severity === 2) fatal('shaka ' + detail.code); });
             player.configure({streaming: {lowLatencyMode: true}});
             await player.attach(v);`,
    load: 'await player.load(src);',
  },
  'Video.js': { ...videoJs(''), holes: true },
  'Video.js without low latency': videoJs(', llhls: false'),
};

// As it comes it plays low latency. Chromium's own HLS must not take over.
function videoJs(more) {
  return {
    script: 'video.js/dist/video.min.js',
    create: `const player = videojs(v, {html5: {vhs: {overrideNative: true${more}}}});
             player.on('error', () => fatal(player.error().message));`,
    load: "player.src({src, type: 'application/vnd.apple.mpegurl'}); player.play()?.catch(() => {});",
  };
}

// Serves one page with one player from another origin than the stream, as a site of its own would. What the player gave up
// for is in window.problems; window.playAgain() loads `src` anew.
async function host({ script, create, load }, src) {
  const code = await readFile(require.resolve(script));
  const page = `<!doctype html><link rel="icon" href="data:,"><video id="v" muted playsinline width="640"></video>
<script src="/player.js"></script><script>const v = document.getElementById('v'); const src = ${JSON.stringify(src)};
window.problems = []; const fatal = (what) => { window.problems.push(String(what)); };
(async () => {
  ${create}
  window.playAgain = async () => { ${load} v.play().catch(() => {}); };
  await window.playAgain();
})().catch(fatal);</script>`;
  const server = createServer((request, response) => {
    const isScript = request.url === '/player.js';
    response.writeHead(200, { 'Content-Type': isScript ? 'text/javascript' : 'text/html' });
    response.end(isScript ? code : page);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: async () => { server.close(); server.closeAllConnections(); } };
}

// Opens `player` on the stream at `master`, which it waits for: {page, urls: every address that was asked for, by whomever, site}.
export async function openPlayer(scene, player, master = scene.masterUrl) {
  await playableAt(master);
  const site = await host(player, master);
  scene.later(site.close);
  const page = await scene.browse();
  const urls = requestsOf(page);
  await page.goto(site.url);
  await shown(page);
  return { page, urls, site: site.url };
}

// Every address the page asks for, whoever asked: the page, the player, a worker.
export function requestsOf(page) {
  const urls = [];
  page.context().on('request', (request) => urls.push(request.url()));
  return urls;
}

export const problemsOf = (page) => page.evaluate(() => window.problems);

export const shown = (page) => until('a picture is shown', async () => {
  const { height, time } = await videoOf(page);
  return height > 0 && time > 0;
}, 25_000);

const kSegmentS = 2;  // a stream's default

// Where a player is, in seconds: its playhead, or the last segment that one with holes has asked for.
export async function positionOf({ holes }, { page, urls }) {
  if (!holes) return (await videoOf(page)).time;
  return kSegmentS * Math.max(...urls.map((url) => Number(url.match(/\/v\d+\/(\d+)\.(?:\d+\.)?m4s/)?.[1] ?? 0)));
}

// How much less than the time that passed its position may have gone on.
export const slackOf = ({ holes }) => (holes ? kSegmentS : 0);
