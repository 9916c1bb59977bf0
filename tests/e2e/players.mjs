// The players that others build on, as they come from npm, each on a page of its own.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

// How each one is made on <video id="v"> and told to play `src`, now and once more; it calls fatal(what) when it gives up.
// `standsStillS`: how long it may stand still at the first ends of segments (README.md); the others never do.
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
  'Video.js': { ...videoJs(''), standsStillS: 2.5 },
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
export async function host({ script, create, load }, src) {
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
