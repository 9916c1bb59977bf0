import assert from 'node:assert/strict';
import test from 'node:test';

import { forgetUnfinished, isSegmentEnd, keepBuffered } from '../../../resources/player/switching.js';

// As hls.js has them: segments of 2 s in parts of 0.5 s, two closed (6 to 8, 8 to 10), the open one with two parts.
function playlist(loaded) {
  const fragments = [{ start: 6, end: 8 }, { start: 8, end: 10 }], fragmentHint = { start: 10, end: 11 };
  const partList = [...fragments, fragmentHint].flatMap((fragment) => [0, 0.5, 1, 1.5].map((at) => fragment.start + at)
    .filter((start) => start < fragment.end).map((start) => ({
      fragment, start, end: start + 0.5, elementaryStreams: { video: loaded(start) ? {} : null },
      get loaded() { return this.elementaryStreams.video !== null; },
      clearElementaryStreamInfo() { this.elementaryStreams.video = null; },
    })));
  return { fragments, fragmentHint, partList };
}

const loadedIn = ({ partList }) => partList.filter((part) => part.loaded).map((part) => part.start);

test('a closed segment that ends where the buffer does is a place to rise, though browsers round that down', () => {
  assert.equal(isSegmentEnd(playlist(() => true), 9.999999), true);
  assert.equal(isSegmentEnd(playlist(() => true), 9.5), false);
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

test('a segment that goes on beyond the buffer is loaded from its start', () => {
  const details = playlist((start) => start < 9);
  forgetUnfinished(details, 9);
  assert.deepEqual(loadedIn(details), [6, 6.5, 7, 7.5]);
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
