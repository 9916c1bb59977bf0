// What every end-to-end test starts from: a server with fresh state, a stream, a broadcaster, a browser. All of it is gone
// when the test ends, however it ends.
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { Api } from '../support/api.mjs';
import { Broadcaster } from '../support/broadcaster.mjs';
import { openBrowser } from '../support/browser.mjs';
import { clip } from '../support/clip.mjs';
import { Server } from '../support/server.mjs';

const build = process.env.LIVE_BUILD_DIR ?? fileURLToPath(new URL('../../build/release', import.meta.url));
export const clipFile = path.join(build, '..', 'clip.mp4');

// A ladder that leaves the machine to the browser, for tests that are not about quality.
export const smallLadder = [{ height: 360 }, { height: 240 }, { height: 160 }];

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export async function until(what, condition, timeoutMs = 15_000) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs / 1000} s: ${what}`);
    await sleep(50);
  }
}

class Show {
  #cleanups = [];

  constructor(server, api, settings) {
    this.server = server;
    this.api = api;
    this.clip = settings;
  }

  async createStream(settings = {}) {
    this.stream = await this.api.createStream({ name: 'show', ...settings });
    this.ingestUrl = this.stream.ingest.find(({ protocol }) => protocol === 'rtmp').url;
    this.masterUrl = this.stream.playback.hls;
    this.watchUrl = this.stream.playback.watch;
  }

  async publish() {
    const broadcaster = new Broadcaster(clipFile, this.clip, this.ingestUrl);
    this.later(() => broadcaster.kill());
    this.broadcaster = broadcaster;
    await broadcaster.started();
    return broadcaster;
  }

  async browse(options) {
    const { page, close } = await openBrowser(options);
    this.later(close);
    return page;
  }

  later(cleanup) { this.#cleanups.push(cleanup); }

  async end() {
    for (const cleanup of this.#cleanups.reverse()) await cleanup().catch(() => {});
  }
}

// A test with its own server (of class `kind`) and a stream on it. When it fails, the end of the server's log says why.
export function show(name, body, { settings = {}, descriptors, stream = {}, timeout = 120_000, kind = Server } = {}) {
  test(name, { timeout }, async (t) => {
    const picture = await clip(clipFile);
    const server = await kind.start({ binary: path.join(build, 'bin/liveserverd'), settings, descriptors });
    const scene = new Show(server, new Api(server.api, await server.token()), picture);
    scene.later(() => server.dispose());
    try {
      await scene.createStream(stream);
      await body(scene, t);
    } catch (error) {
      console.log(`the server's log ends with:\n${(await server.log().catch(() => '')).slice(-4000)}`);
      throw error;
    } finally {
      await scene.end();
    }
  });
}
