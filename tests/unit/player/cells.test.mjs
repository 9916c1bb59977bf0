import assert from 'node:assert/strict';
import test from 'node:test';

import { decode, encode, kCells } from '../../support/cells.mjs';

const seen = (cells, dark = 20, light = 230) => cells.map((cell) => (cell ? light : dark));

test('every number is read back', () => {
  for (const number of [0, 1, 2, 959, 960, 65535, 0xaaaaaa, 0x555555, 0xffffff]) {
    assert.equal(encode(number).length, kCells);
    assert.equal(decode(seen(encode(number))), number);
  }
});
test('weak contrast is enough, none is not', () => {
  assert.equal(decode(seen(encode(1234), 80, 170)), 1234);
  assert.equal(decode(seen(encode(1234), 100, 130)), null);
});
test('one wrong cell is noticed', () => {
  for (let cell = 0; cell < kCells; ++cell) {
    const cells = encode(54321);
    cells[cell] ^= 1;
    assert.equal(decode(seen(cells)), null, `cell ${cell}`);
  }
});
test('half of one frame and half of the next is noticed', () => {
  const [one, next] = [encode(0b0111), encode(0b1000)];
  assert.equal(decode(seen([...one.slice(0, 24), ...next.slice(24)])), null);
});
test('a black picture is no number', () => assert.equal(decode(Array(kCells).fill(16)), null));
