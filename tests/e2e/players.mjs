// The players that others build on, as they come from npm, each on a page of its own.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

// How each one is told to play `src` in <video id="v">, and to call fatal(what) when it gives up. `window.player` is for tests
// that steer it.
export const kPlayers = {
  'hls.js': {
    script: 'hls.js/dist/hls.min.js',
    start: `window.player = new Hls();
            player.on(Hls.Events.ERROR, (event, data) => { if (data.fatal) fatal(data.details); });
            player.loadSource(src); player.attachMedia(v);`,
  },
  'Shaka Player': {
    script: 'shaka-player/dist/shaka-player.compiled.js',
    start: `window.player = new shaka.Player();
            player.addEventListener('error', ({ detail }) => { if (detail.severity === 2) fatal('shaka ' + detail.code); });
            await player.attach(v);
            player.configure({streaming: {lowLatencyMode: true}}); await player.load(src);`,
  },
  // Its low-latency mode asks for what it already has and then, while caches may answer, sees nothing new for 12 s.
  'Video.js (VHS)': {
    script: 'video.js/dist/video.min.js',
    start: `window.player = videojs(v, {html5: {vhs: {overrideNative: true, llhls: false}}});
            player.on('error', () => fatal(player.error().message));
            player.src({src, type: 'application/vnd.apple.mpegurl'});`,
  },
};

// Serves one page with one player from another origin than the stream, as a site of its own would. What the player gave up
// for is in window.problems.
export async function host({ script, start }, src) {
  const code = await readFile(require.resolve(script));
  const page = `<!doctype html><link rel="icon" href="data:,"><video id="v" muted playsinline width="640"></video>
<script src="/player.js"></script><script>const v = document.getElementById('v'); const src = ${JSON.stringify(src)};
window.problems = []; const fatal = (what) => { window.problems.push(String(what)); };
(async () => { ${start} v.play(); })().catch(fatal);</script>`;
  const server = createServer((request, response) => {
    const isScript = request.url === '/player.js';
    response.writeHead(200, { 'Content-Type': isScript ? 'text/javascript' : 'text/html' });
    response.end(isScript ? code : page);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: async () => { server.close(); server.closeAllConnections(); } };
}
