// The control bar: play, sound, live, latency, full screen; hides itself while nobody touches anything.

const kIdleMs = 2800;
const kFlashMs = 900;
const kVolumeKey = 'liveserver.volume';
const kBehindS = 1.5;  // less than this is still "live"

const kNotLive = { connecting: 'Connecting', waiting: 'Waiting', offline: 'Offline', ended: 'Ended' };

const $ = (id) => document.getElementById(id);

function name(button, label, key) {
  button.setAttribute('aria-label', label);
  button.title = key ? `${label} (${key})` : label;
}

export class Controls {
  #video;
  #playback;
  #player = $('player');
  #idleTimer = 0;
  #flashTimer = 0;

  constructor(video, playback) {
    this.#video = video;
    this.#playback = playback;
    this.#restoreVolume();
    this.#bindButtons();
    this.#bindSurface();
    playback.addEventListener('change', () => this.#update());
    for (const event of ['play', 'pause', 'volumechange']) video.addEventListener(event, () => this.#update());
    document.addEventListener('fullscreenchange', () => this.#update());
    this.#update();
  }

  mute() {
    this.#video.muted = !this.#video.muted;
    if (!this.#video.muted && this.#video.volume === 0) this.#video.volume = 0.5;
    this.flash(this.#video.muted ? 'Sound off' : 'Sound on');
  }

  changeVolume(step) {
    this.#setVolume(Math.min(1, Math.max(0, Math.round((this.#video.volume + step) * 20) / 20)));
    this.flash(`Volume ${Math.round(this.#video.volume * 100)} %`);
  }

  async fullscreen() {
    if (document.fullscreenElement) await document.exitFullscreen();
    else if (this.#player.requestFullscreen) await this.#player.requestFullscreen().catch(() => {});
    else this.#video.webkitEnterFullscreen?.();  // iPhone: only the video itself can
  }

  sheet() {
    if ($('sheet').open) $('sheet').close();
    else $('sheet').showModal();
  }

  // Says for a moment what a key did.
  flash(text) {
    $('flash').textContent = text;
    $('flash').classList.add('on');
    clearTimeout(this.#flashTimer);
    this.#flashTimer = setTimeout(() => $('flash').classList.remove('on'), kFlashMs);
    this.wake();
  }

  wake() {
    this.#player.classList.remove('idle');
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => this.#sleep(), kIdleMs);
  }

  #sleep() {
    const busy = this.#video.paused || this.#playback.phase !== 'playing' || !$('quality-menu').hidden || $('sheet').open ||
      this.#player.querySelector('.bar:hover, .bar :focus-visible');
    if (!busy) this.#player.classList.add('idle');
  }

  #bindButtons() {
    $('play').addEventListener('click', () => this.#playback.toggle());
    $('start').addEventListener('click', () => this.#playback.toggle());
    $('mute').addEventListener('click', () => this.mute());
    $('unmute').addEventListener('click', () => this.mute());
    $('volume').addEventListener('input', (event) => this.#setVolume(event.target.value / 100));
    $('live').addEventListener('click', () => this.#playback.goLive());
    $('help').addEventListener('click', () => this.sheet());
    $('fullscreen').addEventListener('click', () => this.fullscreen());
    $('sheet').addEventListener('click', (event) => { if (event.target === $('sheet')) $('sheet').close(); });
  }

  #bindSurface() {
    for (const event of ['pointermove', 'pointerdown', 'keydown', 'focusin']) {
      this.#player.addEventListener(event, () => this.wake());
    }
    this.#player.addEventListener('pointerleave', () => this.#sleep());
    this.#video.addEventListener('click', (event) => { if (event.pointerType !== 'touch') this.#playback.toggle(); });
    this.#video.addEventListener('dblclick', () => this.fullscreen());
    this.wake();
  }

  #update() {
    const video = this.#video;
    const silent = video.muted || video.volume === 0;
    $('play-icon').setAttribute('href', video.paused ? '#i-play' : '#i-pause');
    name($('play'), video.paused ? 'Play' : 'Pause', 'Space');
    $('play').disabled = !this.#playback.playable;
    $('mute-icon').setAttribute('href', silent ? '#i-muted' : '#i-sound');
    name($('mute'), silent ? 'Unmute' : 'Mute', 'M');
    $('volume').value = silent ? 0 : Math.round(video.volume * 100);
    $('volume').style.setProperty('--level', `${$('volume').value}%`);
    $('unmute').hidden = !video.muted || this.#playback.phase !== 'playing';
    $('fullscreen-icon').setAttribute('href', document.fullscreenElement ? '#i-shrink' : '#i-expand');
    name($('fullscreen'), document.fullscreenElement ? 'Leave full screen' : 'Full screen', 'F');
    this.#updateLive();
    if (video.paused) this.wake();
  }

  #updateLive() {
    const { phase, behind, latency } = this.#playback;
    const onAir = phase === 'playing';
    const late = onAir && (behind > kBehindS || this.#video.paused);
    $('live').dataset.state = !onAir ? 'off' : late ? 'behind' : 'live';
    $('live').disabled = !onAir;
    $('live-text').textContent = !onAir ? kNotLive[phase] ?? 'Not live' : late ? 'Go live' : 'Live';
    name($('live'), late ? 'Go to live' : 'Live', late ? 'L' : '');
    $('latency').hidden = !onAir || !latency;
    $('latency-seconds').textContent = latency ? `${latency.toFixed(1)} s` : '';
    $('latency-word').hidden = !late;
  }

  #setVolume(volume) {
    this.#video.volume = volume;
    this.#video.muted = volume === 0;
    try {
      localStorage.setItem(kVolumeKey, String(volume));
    } catch { /* storage may be forbidden; the volume is then forgotten */ }
  }

  #restoreVolume() {
    try {
      const stored = Number.parseFloat(localStorage.getItem(kVolumeKey));
      if (stored > 0 && stored <= 1) this.#video.volume = stored;
    } catch { /* as above */ }
  }
}
