// Plays one live stream and keeps it playing: through lost connections, restarts of the server, the end of a broadcast
// and the start of the next. Knows the video element and hls.js, nothing of the rest of the page.
//
// Phases: connecting → playing ⇄ waiting (the picture stands still); offline (nothing is broadcast), ended (this broadcast
// is over), refused (not to this viewer), busy (the server answers, but not with the stream), unreachable (it gives no
// answer): in these five the multivariant is looked at until that changes; unsupported (this browser cannot play HLS at all).
// Every change dispatches "change".
import { levelFor } from './choice.js';
import { LiveEdge } from './edge.js';
import { broadcastOf, look, stateOf } from './multivariant.js';
import { rateFor } from './pace.js';
import { hlsSettings } from './settings.js';
import { Switching } from './switching.js';

const kPlayable = ['connecting', 'playing', 'waiting'];
const kAbsent = ['offline', 'refused', 'busy', 'unreachable'];  // there is no multivariant: what is loaded may be old
const kTickMs = 250;
const kWaitingAfterMs = 1500;   // without progress: say so, and look whether the stream is still there
const kReloadAfterMs = 10_000;  // without progress: start from the multivariant again
const kRetryMs = 1000;
const kPatientAfterMs = 120_000;
const kPatientMs = 3000;
const kCalmMs = 10_000;  // after a stall: stay as far behind as it left us, or a busy machine stalls again at once
const kCatchUpS = 3;  // further behind than this, the catch-up rate takes too long: seek

// When the newest part of a playlist ends, in ms of the server's time.
function edgeDateOf({ edge, fragments }) {
  const last = fragments.at(-1);
  return last?.programDateTime ? last.programDateTime + (edge - last.start) * 1000 : NaN;
}

export class Playback extends EventTarget {
  #video;
  #url;
  #hls = null;
  #switching = null;
  #edge = new LiveEdge();
  #phase = 'connecting';
  #broadcast = null;     // the one that is loaded
  #seenLive = false;     // it had an open playlist while we watched
  #closed = false;       // its playlist has the end tag
  #following = true;     // at the live edge by the viewer's wish
  #height = null;        // that the viewer has chosen; null: automatic
  #paused = false;       // by the viewer's wish
  #blocked = false;      // the browser wants a gesture before it plays
  #retryTimer = 0;
  #lookTimer = 0;
  #phaseSince = performance.now();
  #progress = { position: -1, at: performance.now() };
  #recoveredAt = -Infinity;
  #seekedAt = -Infinity;
  #stalledAt = -Infinity;
  #stall = { count: 0, inside: false };
  #joinedAt = null;

  constructor(video, url) {
    super();
    this.#video = video;
    this.#url = url;
  }

  start() {
    const Hls = globalThis.Hls;
    if (Hls?.isSupported()) this.#startHls(Hls);
    else if (this.#video.canPlayType('application/vnd.apple.mpegurl')) this.#startNative();
    else return this.#enter('unsupported');
    this.#video.addEventListener('waiting', () => this.#onWaiting());
    this.#video.addEventListener('ended', () => this.#onEnded());
    this.#video.addEventListener('play', () => this.#onPlay());
    this.#video.requestVideoFrameCallback?.(() => { this.#joinedAt = performance.now(); });
    setInterval(() => this.#tick(), kTickMs);
    this.#load();
  }

  // --- what the page shows --------------------------------------------------------------------------------------
  get phase() { return this.#phase; }
  get phaseAgeMs() { return performance.now() - this.#phaseSince; }
  get playable() { return kPlayable.includes(this.#phase); }  // there is something to play: the viewer's keys and clicks count
  get blocked() { return this.#blocked; }
  get following() { return this.#following; }
  get broadcast() { return this.#broadcast; }
  get stalls() { return this.#stall.count; }
  get joinMs() { return this.#joinedAt; }  // since navigation, null before the first picture
  // Seconds behind the server's newest part. Pacing goes by hls.js's own number, which says what can be had now.
  get latency() {
    const date = this.#hls?.playingDate;
    return date ? this.#edge.behind(date.getTime(), performance.now()) : this.#hls?.latency || null;
  }
  get targetLatency() { return this.#hls?.targetLatency ?? null; }    // where it wants to be
  get behind() { return Math.max(0, (this.#hls?.latency ?? 0) - (this.targetLatency ?? 0)); }
  get lowLatency() {
    const details = this.#hls?.latestLevelDetails;
    return Boolean(this.#hls?.lowLatencyMode && details?.canBlockReload && details.partList?.length);
  }

  // Best first; `index` is what select() takes.
  get renditions() {
    const levels = this.#hls?.levels ?? [];
    return levels.map(({ height, width, bitrate, frameRate }, index) => ({ index, width, height, bitrate, frameRate })).reverse();
  }
  get playing() { return this.#hls?.currentLevel ?? -1; }
  get selected() { return this.#switching?.selected ?? -1; }  // -1: automatic

  // --- what the viewer does -------------------------------------------------------------------------------------
  // Comes with the next segment; what is buffered plays out, so nothing stops.
  select(index) {
    if (!this.#hls) return;
    this.#height = this.#hls.levels[index]?.height ?? null;
    this.#switching.select(index);
    this.#changed();
  }

  toggle() {
    if (!this.playable) return;
    if (this.#video.paused) this.#play();
    else {
      this.#paused = true;
      this.#following = false;
      this.#video.pause();
    }
  }

  goLive() {
    if (!this.playable) return;
    this.#following = true;
    const position = this.#hls?.liveSyncPosition;
    if (position) this.#seek(position);
    if (this.#video.paused) this.#play();
    this.#changed();
  }

  seekBy(seconds) {
    const live = this.#hls?.liveSyncPosition;
    const first = this.#hls?.latestLevelDetails?.fragmentStart;
    if (!this.playable || live == null || first == null) return;
    const position = Math.min(Math.max(this.#video.currentTime + seconds, first + 1), live);
    this.#following = live - position < 1;
    this.#seek(position);
    this.#changed();
  }

  // --- hls.js ---------------------------------------------------------------------------------------------------
  #startHls(Hls) {
    const hls = new Hls(hlsSettings({ onManifestRetry: (status) => this.#enter(stateOf(status)) }));
    const on = (event, handle) => hls.on(event, (_, data) => handle(data));
    this.#switching = new Switching(Hls, hls, this.#video);
    on(Hls.Events.MANIFEST_PARSED, () => {
      this.#broadcast = broadcastOf(hls.levels[0].uri, this.#url);
      hls.loadLevel = levelFor(hls.levels, this.#height);
      this.#enter('connecting');
      if (!this.#paused) this.#play();
    });
    on(Hls.Events.LEVEL_LOADED, ({ details }) => {
      this.#closed = !details.live;
      if (details.live) this.#seenLive = true;
      else if (!this.#seenLive) this.#enter('ended');
    });
    on(Hls.Events.LEVEL_UPDATED, ({ details }) => this.#edge.saw(edgeDateOf(details), performance.now()));
    on(Hls.Events.LEVEL_SWITCHED, () => this.#changed());
    on(Hls.Events.ERROR, (data) => { if (data.fatal) this.#onFatal(Hls, data); });
    hls.attachMedia(this.#video);
    this.#hls = hls;
  }

  #onFatal(Hls, { type, details, response }) {
    if (details === Hls.ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR) {
      this.#enter('unsupported');
    } else if (details.startsWith('manifest')) {
      this.#enter(stateOf(response?.code ?? 0));
    } else if (type === Hls.ErrorTypes.MEDIA_ERROR && performance.now() - this.#recoveredAt > 5000) {
      this.#recoveredAt = performance.now();
      this.#hls.recoverMediaError();
    } else {
      this.#retryLater(type === Hls.ErrorTypes.NETWORK_ERROR ? () => this.#hls.startLoad() : () => this.#load());
    }
  }

  // --- the browser's own player ---------------------------------------------------------------------------------
  #startNative() {
    this.#video.addEventListener('error', () => this.#onNativeError());
    this.#video.addEventListener('loadedmetadata', () => this.#onNativeLoaded());
  }

  async #onNativeLoaded() {
    if (!this.#paused) this.#play();
    this.#broadcast = (await look(this.#url)).broadcast ?? null;
  }

  // It does not say what went wrong.
  async #onNativeError() {
    const { state } = await look(this.#url);
    if (!this.#video.error || !this.playable) return;
    if (state === 'available') this.#retryLater(() => this.#load());
    else this.#enter(state);
  }

  // --- phases ---------------------------------------------------------------------------------------------------
  #retryLater(retry) {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(retry, kRetryMs);
  }

  #load() {
    clearTimeout(this.#retryTimer);
    this.#seenLive = false;
    this.#closed = false;
    this.#edge.forget();
    this.#following = !this.#paused;
    this.#stall.inside = true;  // the pause until the first picture is no stall
    this.#progress = { position: -1, at: performance.now() };
    this.#enter('connecting');
    if (this.#hls) this.#hls.loadSource(this.#url);
    else this.#video.src = this.#url;
  }

  #enter(phase) {
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.#phaseSince = performance.now();
    if (phase === 'offline' || phase === 'ended') this.#paused = false;  // it was of this broadcast; the next starts by itself
    if (phase === 'offline' || (phase === 'ended' && !this.#seenLive)) this.#hls?.stopLoad();
    clearTimeout(this.#lookTimer);
    if ([...kAbsent, 'ended', 'waiting'].includes(phase)) this.#lookLater();
    this.#changed();
  }

  #changed() { this.dispatchEvent(new Event('change')); }

  #lookLater() {
    const delay = this.phaseAgeMs > kPatientAfterMs ? kPatientMs : kRetryMs;
    this.#lookTimer = setTimeout(() => this.#look(), delay);
  }

  async #look() {
    const before = this.#phase;
    const { state, broadcast } = await look(this.#url);
    if (this.#phase !== before) return;
    if (state === 'available') this.#broadcast ??= broadcast;
    const other = state === 'available' && broadcast !== this.#broadcast;
    const absent = kAbsent.includes(this.#phase);
    if (other || (state === 'available' && absent)) this.#load();
    else if (['offline', 'refused'].includes(state) || absent) this.#enter(state);
    if (this.#phase === before) this.#lookLater();
  }

  // --- the picture ----------------------------------------------------------------------------------------------
  async #play() {
    try {
      await this.#video.play();
      this.#setBlocked(false);
    } catch (error) {
      if (error.name !== 'NotAllowedError') return;  // a newer load or pause took over
      if (this.#video.muted) return this.#setBlocked(true);
      this.#video.muted = true;
      this.#play();
    }
  }

  #setBlocked(blocked) {
    this.#blocked = blocked;
    this.#changed();
  }

  #seek(position) {
    this.#seekedAt = performance.now();
    this.#video.currentTime = position;
  }

  #onPlay() {
    this.#paused = false;
    this.#progress.at = performance.now();
    this.#setBlocked(false);
  }

  #onWaiting() {
    const sought = this.#video.seeking || performance.now() - this.#seekedAt < 1000;
    if (this.#phase !== 'playing' || this.#stall.inside || sought || this.#video.paused) return;
    this.#stalledAt = performance.now();
    this.#stall = { count: this.#stall.count + 1, inside: true };
  }

  #onEnded() {
    this.#enter('ended');
  }

  #tick() {
    const now = performance.now();
    const position = this.#video.currentTime;
    if (position !== this.#progress.position) this.#onProgress(position, now);
    else if (this.#video.paused || this.#phase === 'unsupported') this.#onPaused(now);
    else this.#onStandstill(now - this.#progress.at);
    this.#keepUp(now);
    this.#changed();
  }

  #onProgress(position, now) {
    const first = this.#progress.position < 0;
    this.#progress = { position, at: now };
    if (first || this.#video.paused || this.#video.seeking || this.#video.ended) return;
    this.#stall.inside = false;
    if (this.behind < 1) this.#following = true;
    if (this.#phase === 'connecting' || this.#phase === 'waiting') this.#enter('playing');
  }

  // A picture that the viewer has stopped does not stand still: there is nothing to say once it could go on.
  #onPaused(now) {
    this.#progress.at = now;
    const canGoOn = this.#video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
    if (this.#paused && canGoOn && ['connecting', 'waiting'].includes(this.#phase)) this.#enter('playing');
  }

  #onStandstill(forMs) {
    // hls.js leaves out a last part that comes together with the end tag, and then waits for it.
    if (this.#closed && this.#phase === 'playing' && forMs > kWaitingAfterMs) this.#enter('ended');
    else if (this.#phase === 'playing' && forMs > kWaitingAfterMs) {
      this.#onWaiting();
      this.#enter('waiting');
    } else if ((this.#phase === 'waiting' || this.#phase === 'connecting') && forMs > kReloadAfterMs) {
      this.#load();
    }
  }

  #keepUp(now) {
    if (!this.#following || this.#phase !== 'playing' || now - this.#stalledAt < kCalmMs) return this.#setRate(1);
    const position = this.#hls?.liveSyncPosition;
    const { currentTime } = this.#video;
    if (position && this.behind > kCatchUpS && position > currentTime + 1) {
      if (now - this.#seekedAt > 3000) this.#seek(position);
    } else if (position) {
      this.#setRate(rateFor({
        latency: this.#hls.latency, target: this.targetLatency, buffered: this.#buffered(currentTime),
        part: this.#hls.latestLevelDetails?.partTarget || 1, rate: this.#video.playbackRate,
      }));
    }
  }

  #buffered(position) {
    const { buffered } = this.#video;
    for (let i = 0; i < buffered.length; ++i) {
      if (buffered.start(i) <= position && position <= buffered.end(i)) return buffered.end(i) - position;
    }
    return 0;
  }

  #setRate(rate) {
    if (this.#video.playbackRate !== rate) this.#video.playbackRate = rate;
  }
}
