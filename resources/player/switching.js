// When hls.js (1.7) may go to a better rendition, and what it must believe of the parts of the one it goes to.
//
// It counts parts as loaded rendition by rendition, whatever else has come into the buffer since. Back in a rendition that
// it left within the same segment it would go on where it was then: behind that segment's only key frame, so that the
// browser drops everything up to the next. And when it gives up a part of one rendition it forgets that it has the parts of that
// segment in all of them: then it waits for them until they have left the playlist, five seconds later.
// (tests/e2e/quality.test.mjs goes there and back.)

const kNearS = 0.05;  // browsers round the end of the buffer down, frame by frame

const isAt = (fragment, details, time) => fragment !== details.fragmentHint && Math.abs(fragment.end - time) < kNearS;

// Whether a segment ends there: the next part starts with a key frame, and nothing is loaded twice.
export function isSegmentEnd(details, time) {
  return details.fragments.some((fragment) => isAt(fragment, details, time));
}

// The segment that ends where the buffer ends is there, whichever rendition it came from.
export function keepBuffered(details, bufferEnd) {
  for (const part of details.partList ?? []) {
    const times = { startPTS: part.start, endPTS: part.end, startDTS: part.start, endDTS: part.end };
    if (!part.loaded && isAt(part.fragment, details, bufferEnd)) part.elementaryStreams.video = times;
  }
}

// Of a segment that goes on beyond the buffer, everything has to be loaded. And the newest part is not known: a playlist with
// nothing newer than what is known would be asked for again only after half a segment.
export function forgetUnfinished(details, bufferEnd) {
  for (const part of details.partList ?? []) {
    const { fragment } = part;
    if (fragment === details.fragmentHint || fragment.end > bufferEnd + kNearS) part.clearElementaryStreamInfo();
  }
  details.partList?.pop();
}

// The first part may already say that there is room for a better rendition. To go there before there is a picture, or in the
// middle of a segment, loads everything up to there twice, while what little is buffered runs out. A worse one may be chosen at any
// time. What the player's size allows is another thing, and hls.js's own, also while this is in force.
export function guardSwitching(Hls, hls, video) {
  const { Events, DefaultConfig } = Hls;
  const bufferEnd = () => hls.mainForwardBufferInfo?.end ?? 0;
  const mayRise = (may) => { hls.config.abrBandWidthUpFactor = may ? DefaultConfig.abrBandWidthUpFactor : 0; };
  let hasPicture = false;

  hls.on(Events.MANIFEST_PARSED, () => {
    hasPicture = false;
    mayRise(false);
  });
  video.addEventListener('loadeddata', () => { hasPicture = true; });
  hls.on(Events.FRAG_LOADED, (_, { frag, part }) => {
    const details = frag.type === 'main' && hls.levels[frag.level]?.details;
    if (details) mayRise(hasPicture && isSegmentEnd(details, (part ?? frag).end));
  });
  hls.on(Events.LEVEL_SWITCHING, (_, { level }) => {
    const { details } = hls.levels[level];
    if (details) forgetUnfinished(details, bufferEnd());
  });
  hls.on(Events.LEVEL_UPDATED, (_, { details }) => keepBuffered(details, bufferEnd()));
}
