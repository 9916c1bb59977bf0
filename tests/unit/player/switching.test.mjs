import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import test from 'node:test';

import { Switching, forgetUnfinished, isSegmentEnd, keepBuffered } from '../../../resources/player/switching.js';

// As hls.js has them: segments of 2 s in parts of 0.5 s, two closed (6 to 8, 8 to 10), the open one with two parts.
function playlist(loaded) {
  const fragments = [{ start: 6, end: 8 }, { start: 8, end: 10 }], fragmentHint = { start: 10, end: 11 };
  const partList = [...fragments, fragmentHint].flatMap((fragment) => [0, 0.5, 1, 1.5].map((at) => fragment.start + at)
    .filter((start) => start < fragment.end).map((start) => ({
      fragment, start, end: start + 0.5, elementaryStreams: { video: loaded(start) ? {} : null },
      get loaded() { return this.elementaryStreams.video !== null; },
      clearElementaryStreamInfo() { this.elementaryStreams.video = null; },
    })));
  return { fragments, fragmentHint, partList, live: true };
}

const loadedIn = ({ partList }) => partList.filter((part) => part.loaded).map((part) => part.start);

test('a closed segment that ends where the buffer does is a place to rise, though browsers round that down', () => {
  assert.equal(isSegmentEnd(playlist(() => true), 9.999999), true);
  assert.equal(isSegmentEnd(playlist(() => true), 9.9), false);
});
test('the newest part of the open segment is no such place', () => assert.equal(isSegmentEnd(playlist(() => true), 11), false));

test('the parts of the segment up to where the buffer goes are there, whatever was loaded of this rendition', () => {
  const details = playlist(() => false);
  keepBuffered(details, 9.999999);
  assert.deepEqual(loadedIn(details), [8, 8.5, 9, 9.5]);
  assert.deepEqual(details.partList[4].elementaryStreams.video, { startPTS: 8, endPTS: 8.5, startDTS: 8, endDTS: 8.5 });
});
test('nothing is there of a segment in which the buffer ends', () => {
  const details = playlist(() => false);
  keepBuffered(details, 10.5);
  assert.deepEqual(loadedIn(details), []);
});
test('nothing is there of the open segment, even where the buffer ends with its newest part', () => {
  const details = playlist(() => false);
  keepBuffered(details, 11);
  assert.deepEqual(loadedIn(details), []);
});
test('what hls.js has loaded itself is left as it says', () => {
  const details = playlist(() => true);
  keepBuffered(details, 10);
  assert.deepEqual(details.partList[4].elementaryStreams.video, {});
});

test('a segment that goes on beyond the buffer is loaded from its start', () => {
  const details = playlist((start) => start < 9);
  forgetUnfinished(details, 9);
  assert.deepEqual(loadedIn(details), [6, 6.5, 7, 7.5]);
});
test('a segment that ends a little beyond what a browser calls the end of the buffer is there', () => {
  const details = playlist(() => true);
  forgetUnfinished(details, 7.96);
  assert.deepEqual(loadedIn(details), [6, 6.5, 7, 7.5]);
});
test('the newest part of a playlist that grows is not known, that of one that has ended is', () => {
  const growing = playlist(() => true), ended = { ...playlist(() => true), live: false };
  forgetUnfinished(growing, 8);
  forgetUnfinished(ended, 8);
  assert.equal(growing.partList.at(-1).start, 10);
  assert.equal(ended.partList.at(-1).start, 10.5);
});
test('so is the open one, however much of it another rendition has brought', () => {
  const details = playlist(() => true);
  forgetUnfinished(details, 11);
  assert.deepEqual(loadedIn(details), [6, 6.5, 7, 7.5, 8, 8.5, 9, 9.5]);
});
test('a playlist without parts is left alone', () => {
  const details = { fragments: [{ start: 6, end: 8 }] };
  keepBuffered(details, 8);
  forgetUnfinished(details, 7);
});

// hls.js as Switching sees it: three levels, of which the middle one is being loaded.
const Hls = {
  DefaultConfig: { abrBandWidthUpFactor: 0.7 },
  Events: { MANIFEST_PARSED: 'parsed', FRAG_LOADED: 'loaded', FRAG_LOAD_EMERGENCY_ABORTED: 'slow', LEVEL_SWITCHING: 'switching', LEVEL_UPDATED: 'updated', AUDIO_TRACK_UPDATED: 'sound' },
};
function player() {
  const emitter = new EventEmitter();
  const told = [];
  const levels = [300, 700, 2000].map((maxBitrate) => ({ maxBitrate, details: playlist(() => true) }));
  let level = 1;
  const hls = {
    levels, config: {}, autoLevelEnabled: true, bandwidthEstimate: 5000, mainForwardBufferInfo: { end: 8 },
    on: (event, handle) => emitter.on(event, (data) => handle(event, data)),
    get loadLevel() { return level; },
    set loadLevel(index) {
      told.push(index);
      hls.autoLevelEnabled = index === -1;
      if (index === level || index === -1) return;
      level = index;
      emitter.emit('switching', { level });
    },
  };
  const video = new EventTarget();
  const switching = new Switching(Hls, hls, video);
  emitter.emit('parsed', {});
  const loaded = (end) => emitter.emit('loaded', { frag: { type: 'main', level }, part: { end } });
  return { hls, switching, told, loaded, video, emit: (event, data) => emitter.emit(event, data), show: () => video.dispatchEvent(new Event('loadeddata')) };
}

test('what the viewer chooses comes at the end of the segment, and the menu says so at once', () => {
  const { hls, switching, told, loaded } = player();
  switching.select(2);
  assert.equal(switching.selected, 2);
  loaded(9.5);
  assert.deepEqual(told, []);
  loaded(10);
  assert.deepEqual(told, [2]);
  assert.equal(switching.selected, 2);
  loaded(10);
  assert.deepEqual(told, [2], 'once');
  assert.deepEqual(loadedIn(hls.levels[2].details), [6, 6.5, 7, 7.5, 8, 8.5, 9, 9.5], 'of what ends there, nothing is loaded again');
});
test('who changes back before the segment has ended stays', () => {
  const { switching, told, loaded } = player();
  switching.select(0);
  switching.select(1);
  assert.equal(switching.selected, 1);
  assert.deepEqual(told, [1]);
  loaded(10);
  assert.deepEqual(told, [1]);
});
test('automatic is automatic at once', () => {
  const { switching, told, loaded } = player();
  switching.select(0);
  switching.select(-1);
  assert.equal(switching.selected, -1);
  loaded(10);
  assert.deepEqual(told, [-1]);
});
test('a choice does not outlive the list that it was made from', () => {
  const { hls, switching, told, loaded, emit } = player();
  switching.select(0);
  emit('parsed', {});
  loaded(10);
  assert.deepEqual(told, []);
  switching.select(2);
  hls.levels.splice(2);
  hls.levels.push({ maxBitrate: 3000 });
  assert.equal(switching.selected, -1);
});
test('a better rendition is taken at the end of a segment only, and not before there is a picture', () => {
  const { hls, loaded, show } = player();
  const mayRise = () => hls.config.abrBandWidthUpFactor !== 0;
  assert.equal(mayRise(), false);
  loaded(10);
  assert.equal(mayRise(), false);
  show();
  loaded(9.5);
  assert.equal(mayRise(), false);
  loaded(10);
  assert.equal(mayRise(), true);
  loaded(10.5);
  assert.equal(mayRise(), false);
});
test('sound that can be played up to the end of a segment is there', () => {
  const { emit, video } = player();
  Object.assign(video, { currentTime: 7.9, buffered: { length: 2, end: (i) => [5, 8.02][i] } });
  const details = playlist(() => false);
  emit('sound', { details });
  assert.deepEqual(details.partList.filter((part) => part.elementaryStreams.audio).map((part) => part.start), [6, 6.5, 7, 7.5]);
});
test('a line that has become slow is not taken for fast any more', () => {
  const { hls, emit } = player();
  emit('slow', {});
  assert.equal(hls.bandwidthEstimate, 700);
  hls.bandwidthEstimate = 900;  // 0.7 of it is less than the level takes
  emit('slow', {});
  assert.equal(hls.bandwidthEstimate, 900);
});
