// The watch page without a mouse, as a keyboard and a screen reader meet it.
import assert from 'node:assert/strict';

import { waitForPhase } from './check.mjs';
import { show, sleep, smallLadder, until } from './harness.mjs';
import { videoOf } from '../support/browser.mjs';

const focused = (page) => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent.trim());

show('every control is reached and named, and every key does what the list says', async (scene) => {
  await scene.publish();
  const page = await scene.browse();
  await page.goto(scene.watchUrl);
  await waitForPhase(page, 'playing');
  await until('there is something to go back to', async () => (await page.evaluate(() => document.querySelector('video').seekable.start(0))) < (await videoOf(page)).time - 7);

  const reached = [];
  for (let i = 0; i < 8; ++i) {
    await page.keyboard.press('Tab');
    reached.push(await focused(page));
  }
  assert.deepEqual(reached.map((name) => name.replace('Go to live', 'Live')),
    ['Tap to unmute', 'Pause', 'Unmute', 'Volume', 'Live', 'Quality', 'Keyboard shortcuts', 'Full screen']);
  await page.evaluate(() => document.activeElement.blur());

  await page.keyboard.press(' ');
  await until('space pauses', async () => (await videoOf(page)).paused);
  assert.equal(await page.getAttribute('#play', 'aria-label'), 'Play');
  await page.keyboard.press(' ');
  await until('space plays', async () => !(await videoOf(page)).paused);
  await page.keyboard.press('m');
  assert.equal((await videoOf(page)).muted, false);
  await page.keyboard.press('m');
  assert.equal((await videoOf(page)).muted, true);

  await page.keyboard.press('ArrowLeft');
  await until('it offers to go live', async () => (await page.getAttribute('#live', 'aria-label')) === 'Go to live');
  assert.equal(await page.textContent('#live-text'), 'Go live');
  assert.match(await page.innerText('#latency'), /\d\.\d s behind/);
  await sleep(4000);  // longer than the page waits before it takes one back who fell behind
  assert.equal(await page.getAttribute('#live', 'aria-label'), 'Go to live', 'the viewer wanted to be there');
  await page.keyboard.press('l');
  await until('it is live again', async () => (await page.textContent('#live-text')) === 'Live', 20_000);

  await page.keyboard.press('f');
  await until('full screen', () => page.evaluate(() => document.fullscreenElement !== null));
  await page.keyboard.press('f');
  await until('no full screen', () => page.evaluate(() => document.fullscreenElement === null));

  await page.focus('#quality');
  await page.keyboard.press('Enter');
  assert.equal(await page.getAttribute('#quality', 'aria-expanded'), 'true');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('role')), 'menuitemradio');
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  assert.equal(await page.getAttribute('#quality', 'aria-expanded'), 'false');
  assert.equal(await focused(page), 'Quality');
  assert.equal(await page.getAttribute('#quality-menu button:last-child', 'aria-checked'), 'true');

  await page.keyboard.press('?');
  assert.equal(await page.isVisible('#sheet'), true);
  await page.keyboard.press('Escape');
  assert.equal(await page.isVisible('#sheet'), false);
  assert.deepEqual(page.problems, []);
}, { stream: { ladder: smallLadder } });
