// A viewer without a picture: follows one rendition by blocking reloads and keeps account of what a player would notice.

import { listedIn } from './playlists.mjs';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const number = (text, pattern) => Number(text.match(pattern)?.[1]);

// The part after the last one in a media playlist.
function nextPart(text) {
  let segment = number(text, /#EXT-X-MEDIA-SEQUENCE:(\d+)/);
  let part = 0;
  for (const line of text.split('\n')) {
    if (line.startsWith('#EXT-X-PART:')) ++part;
    if (line.startsWith('#EXTINF')) { ++segment; part = 0; }
  }
  return { segment, part };
}

export class HlsViewer {
  #running = true;
  problems = [];
  parts = 0;
  worstGapMs = 0;

  // Waits until there is something to play.
  static async start(masterUrl, timeoutMs = 20_000) {
    const viewer = new HlsViewer();
    for (const deadline = Date.now() + timeoutMs; ;) {
      const answer = await fetch(masterUrl);
      const master = await answer.text();
      if (answer.ok) {
        [viewer.url] = listedIn(master, masterUrl);
        break;
      }
      if (Date.now() > deadline) throw new Error(`nothing to play: ${answer.status}`);
      await sleep(100);
    }
    const first = await (await fetch(viewer.url)).text();
    viewer.holdBackMs = 1000 * number(first, /PART-HOLD-BACK=([\d.]+)/);
    viewer.partMs = 1000 * number(first, /PART-TARGET=([\d.]+)/);
    viewer.finished = viewer.#follow(nextPart(first)).catch((error) => { viewer.problems.push(String(error.cause ?? error)); });
    return viewer;
  }

  async #follow(next) {
    for (let last = Date.now(); this.#running;) {
      const answer = await fetch(`${this.url}?_HLS_msn=${next.segment}&_HLS_part=${next.part}`);
      const text = await answer.text();
      if (!answer.ok) this.problems.push(`${answer.status} for part ${next.segment}.${next.part}`);
      for (const tag of ['#EXT-X-GAP', '#EXT-X-DISCONTINUITY\n', '#EXT-X-ENDLIST']) if (text.includes(tag)) this.problems.push(tag.trim());
      if (this.problems.length > 0) return;
      this.worstGapMs = Math.max(this.worstGapMs, Date.now() - last);
      last = Date.now();
      ++this.parts;
      next = nextPart(text);
    }
  }

  // The longest time without a new part since the last call; a player runs dry when it is longer than its hold-back.
  takeWorstGap() {
    const gap = this.worstGapMs;
    this.worstGapMs = 0;
    return gap;
  }

  stop() { this.#running = false; }
}
