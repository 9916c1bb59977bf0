import assert from 'node:assert/strict';
import test from 'node:test';

import { kMaxRate, rateFor } from '../../../resources/player/pace.js';

const at = (changes) => rateFor({ latency: 1.02, target: 1.02, buffered: 0.8, part: 1 / 3, rate: 1, ...changes });

test('at the target the rate is one', () => assert.equal(at({}), 1));
test('closer than the target never plays slower', () => assert.equal(at({ latency: 0.6 }), 1));
test('a little behind is left alone', () => assert.equal(at({ latency: 1.1 }), 1));
test('behind speeds up gently', () => assert.equal(at({ latency: 1.3 }), kMaxRate));
test('speeds up with less than a second buffered', () => assert.equal(at({ latency: 1.3, buffered: 0.6 }), kMaxRate));
test('once faster, it goes on until the target is reached', () => {
  assert.equal(at({ latency: 1.1, rate: kMaxRate }), kMaxRate);
  assert.equal(at({ latency: 1.04, rate: kMaxRate }), 1);
});
test('a nearly empty buffer is not played out faster', () => assert.equal(at({ latency: 1.6, buffered: 0.4 }), 1));
test('who watches something older is not hurried', () => assert.equal(at({ latency: 12, buffered: 10 }), 1));

test('falling behind by 0.6 s is made good within 15 s, and then it stays', () => {
  let latency = 1.6, rate = 1;
  for (let second = 0; second < 15; second += 0.25) {
    rate = at({ latency, rate });
    latency -= (rate - 1) * 0.25;
  }
  assert.ok(latency < 1.06 && latency > 1.0, String(latency));
  assert.equal(rate, 1);
});
