// A stream behind a proxy that serves it under a path of its own.
import assert from 'node:assert/strict';

import { prefixProxy } from '../support/prefix_proxy.mjs';

const kPrefix = '/t/x/';

// The stream's addresses there, and the proxy.
export async function underPrefix(scene) {
  const proxy = await prefixProxy(scene.server.http, kPrefix);
  scene.later(proxy.close);
  const through = (url) => proxy.url + new URL(url).pathname.slice(1);
  return { proxy, master: through(scene.masterUrl), watch: through(scene.watchUrl) };
}

// That of `urls` none leads past the proxy, but for those that start with one of `allowed`.
export function assertOnlyThrough(proxy, urls, allowed = []) {
  const elsewhere = urls.filter((url) => /^http/.test(url) && ![proxy.url, ...allowed].some((start) => url.startsWith(start)));
  assert.deepEqual(elsewhere, [], 'asked for beside the prefix');
  assert.deepEqual(proxy.strays, [], 'asked for without the prefix');
}
