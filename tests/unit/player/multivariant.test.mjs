import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import test from 'node:test';

import { broadcastOf, look, stateOf } from '../../../resources/player/multivariant.js';

const kPlaylist = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n0abc/v720/index.m3u8\n';

async function answering(status, body, visit) {
  const server = createServer((_, response) => { response.writeHead(status); response.end(body); });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await visit(`http://127.0.0.1:${server.address().port}/t/x/live/show/master.m3u8`);
  } finally {
    server.close();
    server.closeAllConnections?.();
  }
}

test('all renditions of a broadcast name the same broadcast', () => {
  const master = 'http://a/t/x/live/show/master.m3u8';
  assert.equal(broadcastOf('0abc/v720/index.m3u8', master), 'http://a/t/x/live/show/0abc');
  assert.equal(broadcastOf('0abc/v360/index.m3u8', master), broadcastOf('http://a/t/x/live/show/0abc/v720/index.m3u8', master));
});
test('a playlist is available and names its broadcast', () => answering(200, kPlaylist, async (url) => {
  const { state, broadcast } = await look(url);
  assert.equal(state, 'available');
  assert.match(broadcast, /\/t\/x\/live\/show\/0abc$/);
}));
test('404 and 410 are offline', async () => {
  for (const status of [404, 410]) await answering(status, '', async (url) => assert.deepEqual(await look(url), { state: 'offline' }));
});
test('a server that answers, but not with the stream, is busy: neither offline nor unreachable', () =>
  answering(503, '', async (url) => assert.deepEqual(await look(url), { state: 'busy' })));
test('an address that has expired is refused, and too many requests are no such thing', () => {
  assert.deepEqual([401, 403, 429].map(stateOf), ['refused', 'refused', 'busy']);
});
test('what hls.js says of an answer means the same: time-outs and refused connections are no answer', () => {
  assert.deepEqual([404, 410].map(stateOf), ['offline', 'offline']);
  assert.deepEqual([500, 502, 503, 504].map(stateOf), ['busy', 'busy', 'busy', 'busy']);
  assert.deepEqual([0, 408].map(stateOf), ['unreachable', 'unreachable']);
});
test('something that is no playlist is unreachable', () =>
  answering(200, '#EXTM3U\n', async (url) => assert.equal((await look(url)).state, 'unreachable')));
test('a refused connection is unreachable', async () => {
  let gone;
  await answering(200, '', async (url) => { gone = url; });
  assert.deepEqual(await look(gone), { state: 'unreachable' });
});
