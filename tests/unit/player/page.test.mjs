// What the watch page's own HTML promises the browser.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import test from 'node:test';

const folder = new URL('../../../resources/player/', import.meta.url);
const html = await readFile(new URL('watch.html', folder), 'utf8');

test('nothing but the page\'s own files may run, workers made of data included', () => {
  const [, policy] = html.match(/http-equiv="Content-Security-Policy"\s+content="([^"]+)"/);
  const sources = Object.fromEntries(policy.split(';').map((part) => part.trim().split(/\s+(.*)/)));
  assert.equal(sources['default-src'], "'self'");
  for (const name of ['script-src', 'worker-src', 'child-src', 'style-src']) assert.equal(sources[name], undefined, name);
});
test('every module is asked for at once, not one after the other has been read', async () => {
  const modules = (await readdir(folder)).filter((name) => name.endsWith('.js') && name !== 'watch.js');
  for (const name of modules) assert.ok(html.includes(`rel="modulepreload" href="assets/${name}"`), name);
});
