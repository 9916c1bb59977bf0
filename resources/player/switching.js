// When hls.js (1.7) may go to another rendition, and what it must believe of the parts of the one it goes to.
//
// A segment has one key frame. In the middle of it another rendition has to be loaded from there once more, what plays by
// then is replaced by frames that come too late, and the picture stands still for up to the rest of the segment.
//
// hls.js counts parts as loaded rendition by rendition, whatever else has come into the buffer since. Back in a rendition that
// it left within the same segment it would go on where it was then: behind that segment's only key frame, so that the
// browser drops everything up to the next. And when it gives up a part of one rendition it forgets that it has the parts of that
// segment in all of them: then it waits for them until they have left the playlist, five seconds later. So it does with sound.
// (tests/e2e/quality.test.mjs goes there and back, and down when the line gets slow.)

const kNearS = 0.05;  // browsers round the end of the buffer down, frame by frame

const isAt = (fragment, details, time) => fragment !== details.fragmentHint && Math.abs(fragment.end - time) < kNearS;

// Whether a segment ends there: the next part starts with a key frame, and nothing is loaded twice.
export function isSegmentEnd(details, time) {
  return details.fragments.some((fragment) => isAt(fragment, details, time));
}

// The segment that ends where the buffer ends is there, whichever rendition it came from. `stream`: "video" or "audio".
export function keepBuffered(details, bufferEnd, stream = 'video') {
  for (const part of details.partList ?? []) {
    const times = { startPTS: part.start, endPTS: part.end, startDTS: part.start, endDTS: part.end };
    if (!part.loaded && isAt(part.fragment, details, bufferEnd)) part.elementaryStreams[stream] = times;
  }
}

// Up to where there is picture and sound.
function playableEnd({ buffered, currentTime }) {
  return [...Array(buffered.length).keys()].map((i) => buffered.end(i)).find((end) => end >= currentTime) ?? 0;
}

// Of a segment that goes on beyond the buffer, everything has to be loaded. And the newest part is not known, as long as the
// playlist grows: one with nothing newer than what is known would be asked for again only after half a segment.
export function forgetUnfinished(details, bufferEnd) {
  for (const part of details.partList ?? []) {
    const { fragment } = part;
    if (fragment === details.fragmentHint || fragment.end > bufferEnd + kNearS) part.clearElementaryStreamInfo();
  }
  if (details.live) details.partList?.pop();
}

// What the viewer has chosen comes at the end of a segment, and so does what hls.js thinks better. That may be as soon as the
// first part is there; before there is a picture it would load everything up to there twice. What it thinks worse comes at
// once: it is about to run out. What the player's size allows is hls.js's own, also while this is in force.
export class Switching {
  #Hls;
  #hls;
  #chosen = null;     // the level that comes at the end of this segment
  #loadedEnd = null;  // while it is told so: what ends there is loaded, but not in the buffer yet
  #hasPicture = false;

  constructor(Hls, hls, video) {
    this.#Hls = Hls;
    this.#hls = hls;
    const { Events } = Hls;
    const on = (event, handle) => hls.on(event, (_, data) => handle(data));
    on(Events.MANIFEST_PARSED, () => this.#begin());
    video.addEventListener('loadeddata', () => { this.#hasPicture = true; });
    on(Events.FRAG_LOADED, (data) => this.#onLoaded(data));
    on(Events.FRAG_LOAD_EMERGENCY_ABORTED, () => this.#onTooSlow());
    on(Events.LEVEL_SWITCHING, ({ level }) => {
      const { details } = hls.levels[level];
      if (details) forgetUnfinished(details, this.#bufferEnd);
    });
    on(Events.LEVEL_UPDATED, ({ details }) => keepBuffered(details, this.#bufferEnd));
    // A change of the picture's rendition makes it forget parts of the sound, too.
    on(Events.AUDIO_TRACK_UPDATED, ({ details }) => keepBuffered(details, playableEnd(video), 'audio'));
  }

  // Index of the level that is played from the end of this segment on, -1: automatic.
  get selected() {
    if (this.#chosen) return this.#hls.levels.indexOf(this.#chosen);
    return this.#hls.autoLevelEnabled ? -1 : this.#hls.loadLevel;
  }

  select(index) {
    this.#chosen = index === this.#hls.loadLevel ? null : this.#hls.levels[index] ?? null;
    if (!this.#chosen) this.#hls.loadLevel = index;
  }

  get #bufferEnd() { return this.#loadedEnd ?? this.#hls.mainForwardBufferInfo?.end ?? 0; }

  #begin() {
    this.#chosen = null;
    this.#hasPicture = false;
    this.#mayRise(false);
  }

  #mayRise(may) {
    const { abrBandWidthUpFactor } = this.#Hls.DefaultConfig;
    this.#hls.config.abrBandWidthUpFactor = may ? abrBandWidthUpFactor : 0;
  }

  #onLoaded({ frag, part }) {
    const details = frag.type === 'main' && this.#hls.levels[frag.level]?.details;
    if (!details) return;
    const { end } = part ?? frag;
    const isEnd = isSegmentEnd(details, end);
    this.#mayRise(this.#hasPicture && isEnd);
    if (!isEnd || !this.#chosen) return;
    this.#loadedEnd = end;
    this.#hls.loadLevel = this.#hls.levels.indexOf(this.#chosen);
    this.#chosen = null;
    this.#loadedEnd = null;
  }

  // hls.js would forget what it thought of a line that has become slow, unless it may not rise; then it would go back at once.
  #onTooSlow() {
    const hls = this.#hls;
    const { maxBitrate } = hls.levels[hls.loadLevel];
    if (hls.bandwidthEstimate * this.#Hls.DefaultConfig.abrBandWidthUpFactor > maxBitrate) hls.bandwidthEstimate = maxBitrate;
  }
}
