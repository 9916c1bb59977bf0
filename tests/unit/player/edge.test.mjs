// What the watch page says of its delay, when playlists come in time and when they do not.
import assert from 'node:assert/strict';
import test from 'node:test';

import { LiveEdge } from '../../../resources/player/edge.js';

const kPartMs = 200;

// Playlists whose newest part ends at 200, 400…, each `lateMs(n)` after it could be; the viewer's clock is 5 s off.
function watched(count, lateMs) {
  const edge = new LiveEdge();
  for (let n = 1; n <= count; ++n) edge.saw(n * kPartMs, n * kPartMs + 5000 + lateMs(n));
  return edge;
}

test('nothing is said before the first playlist', () => assert.equal(new LiveEdge().behind(0, 1000), null));

test('a picture 600 ms before the end of the newest part is 0.6 s behind, whatever the clock says', () => {
  assert.equal(watched(10, () => 0).behind(10 * kPartMs - 600, 10 * kPartMs + 5000), 0.6);
});

test('playlists that come late do not make the picture look nearer', () => {
  const late = watched(100, (n) => (n > 50 ? 900 : 0));
  assert.equal(late.behind(100 * kPartMs - 1500, 100 * kPartMs + 5000), 1.5);
});

test('after a minute without a playlist in time, the late ones are what is possible', () => {
  const late = watched(500, (n) => (n > 50 ? 900 : 0));
  assert.equal(late.behind(500 * kPartMs - 1500, 500 * kPartMs + 5000), 0.6);
});

test('a playlist without a date changes nothing', () => {
  const edge = watched(10, () => 0);
  edge.saw(NaN, 9000);
  assert.equal(edge.behind(10 * kPartMs - 600, 10 * kPartMs + 5000), 0.6);
});

test('another broadcast starts afresh', () => {
  const edge = watched(10, () => 0);
  edge.forget();
  assert.equal(edge.behind(0, 1000), null);
});
