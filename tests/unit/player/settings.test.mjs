import assert from 'node:assert/strict';
import test from 'node:test';

import { hlsSettings } from '../../../resources/player/settings.js';

const retried = [];
const settings = hlsSettings({ onManifestRetry: (code) => retried.push(code) });
const again = (policy, count, isTimeout, code) => {
  const { errorRetry } = settings[policy].default;
  return errorRetry.shouldRetry(errorRetry, count, isTimeout, code === undefined ? undefined : { code });
};

for (const policy of ['manifestLoadPolicy', 'playlistLoadPolicy', 'fragLoadPolicy']) {
  test(`${policy}: what may pass is retried, for minutes`, () => {
    for (const code of [0, 408, 429, 500, 502, 503, 504]) assert.ok(again(policy, 150, false, code), String(code));
    assert.ok(again(policy, 0, true, undefined), 'time-out');
  });
  test(`${policy}: a 404 is not retried, so that a rendition that is gone is left at once`, () => assert.ok(!again(policy, 0, false, 404)));
  test(`${policy}: other refusals are final`, () => {
    for (const code of [400, 401, 403, 410]) assert.ok(!again(policy, 0, false, code), String(code));
  });
  test(`${policy}: not for ever`, () => assert.ok(!again(policy, 200, false, 503)));
}
test('the page hears of a multivariant that is asked for again, and why', () => {
  retried.length = 0;
  again('manifestLoadPolicy', 0, false, 503);
  again('manifestLoadPolicy', 0, true, undefined);
  again('playlistLoadPolicy', 0, false, 503);
  assert.deepEqual(retried, [503, 0]);
});
test('low-latency mode is on', () => assert.equal(settings.lowLatencyMode, true));
test('a stall does not move the target away for good', () => assert.equal(settings.liveSyncOnStallIncrease, 0));
