import assert from 'node:assert/strict';
import test from 'node:test';

import { levelFor } from '../../../resources/player/choice.js';

const levels = [{ height: 160 }, { height: 360 }, { height: 720 }];

test('who has chosen nothing gets automatic quality', () => assert.equal(levelFor(levels, null), -1));
test('the chosen height is taken again', () => assert.equal(levelFor(levels, 360), 1));
test('where it is missing, the next lower one is', () => {
  assert.equal(levelFor(levels, 480), 1);
  assert.equal(levelFor(levels, 1080), 2);
});
test('where all are higher, the lowest is', () => assert.equal(levelFor(levels, 120), 0));
