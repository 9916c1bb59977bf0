// The watch page: /watch/{stream_id}. Composes playback and controls; everything is relative to this page's own address,
// so that a path in front of it (a proxy's prefix, a token) stays in front.
import { Controls } from './controls.js';
import { bindKeys } from './keyboard.js';
import { Messages } from './messages.js';
import { Playback } from './playback.js';
import { QualityMenu } from './quality.js';

const id = decodeURIComponent(location.pathname.split('/').pop());
const master = new URL(`../live/${encodeURIComponent(id)}/master.m3u8`, location.href);
master.search = location.search;  // a viewer token given to the page belongs to the stream

const video = document.getElementById('video');
const playback = new Playback(video, master.href);

document.title = `${id} · Live`;
document.getElementById('stream').textContent = id;

const controls = new Controls(video, playback);
const quality = new QualityMenu(playback);
new Messages(playback);
bindKeys(playback, controls, quality);

// Read by tests and by whoever looks into the console; it changes nothing.
const measured = {
  phase: () => playback.phase,
  broadcast: () => playback.broadcast,
  latency: () => playback.latency,
  targetLatency: () => playback.targetLatency,
  lowLatencyMode: () => playback.lowLatency,
  stalls: () => playback.stalls,
  joinMs: () => playback.joinMs,
  currentTime: () => video.currentTime,
  playbackRate: () => video.playbackRate,
  level: () => playback.renditions.find(({ index }) => index === playback.playing) ?? null,
  levels: () => playback.renditions,
};
const api = {};
for (const [name, get] of Object.entries(measured)) Object.defineProperty(api, name, { get, enumerable: true });
Object.defineProperty(window, 'livePlayer', { value: Object.freeze(api) });

playback.start();
