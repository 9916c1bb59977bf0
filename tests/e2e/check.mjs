// Plays a fresh broadcast on the watch page in headless Chromium and prints what it measured as one JSON line.
//   node tests/e2e/check.mjs --api URL --token-file FILE [--seconds 30] [--clip FILE] [--screenshot FILE]
// Exit 0 only if the video truly advanced (time and pixels), in low-latency mode, without a stall.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { Api } from '../support/api.mjs';
import { Broadcaster } from '../support/broadcaster.mjs';
import { openBrowser } from '../support/browser.mjs';
import { clip } from '../support/clip.mjs';
import { installHiccups, readHiccups } from '../support/hiccups.mjs';
import { listedIn } from '../support/playlists.mjs';
import { installReader, readFrames } from '../support/reader.mjs';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const round = (value, digits = 3) => (Number.isFinite(value) ? Number(value.toFixed(digits)) : null);

// Unix time in ms at which a player could start: the multivariant and its first media playlist, which has a closed segment.
export async function playableAt(masterUrl, timeoutMs = 20_000) {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    const master = await fetch(masterUrl).catch(() => null);
    if (master?.ok) {
      const [first] = listedIn(await master.text(), masterUrl);
      const media = await fetch(first);
      if (media.ok && (await media.text()).includes('#EXTINF:')) return Date.now();
    } else {
      await master?.arrayBuffer();
    }
    await sleep(10);
  }
  throw new Error(`${masterUrl} did not become playable`);
}

export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length ? sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] : NaN;
}

export const playerState = (page) => page.evaluate(() => ({ ...window.livePlayer }));

export async function waitForPhase(page, phase, timeoutMs = 20_000) {
  await page.waitForFunction((wanted) => window.livePlayer?.phase === wanted, phase, { timeout: timeoutMs, polling: 50 });
}

// From each frame that was shown to the next one, how far the clip went: 1, more where frames were left out, less than 1 backwards.
export function stepsOf(frames, clipFrames) {
  const half = clipFrames / 2;
  return frames.slice(1).map(({ number }, i) => ((number - frames[i].number + half + clipFrames) % clipFrames) - half);
}

export const framesAdvanced = (frames, clipFrames) => stepsOf(frames, clipFrames).reduce((sum, step) => sum + step, 0);

const kFrozenMs = 500;

// The longest time for which one frame stayed on the screen, in ms.
export const longestShown = (frames) => Math.max(0, ...frames.slice(1).map(({ at }, i) => at - frames[i].at));

// Watches `seconds` of a page that already plays. {measured, faults}: what goes on the JSON line, and what was wrong.
export async function watch(page, broadcaster, settings, seconds) {
  await waitForPhase(page, 'playing');
  await installReader(page);
  await installHiccups(page);
  const before = await playerState(page);
  await sleep(seconds * 1000);
  const after = await playerState(page);
  const { frames, unreadable } = await readFrames(page);
  const ages = frames.map(({ number, at }) => broadcaster.ageOf(number, at));
  const played = after.currentTime - before.currentTime;
  const advanced = framesAdvanced(frames, settings.frames) / settings.rate;
  const still = longestShown(frames);
  const faults = [];
  if (played < seconds * 0.9) faults.push(`currentTime advanced ${round(played)} s in ${seconds} s`);
  if (advanced < seconds * 0.9) faults.push(`the picture advanced ${round(advanced)} s in ${seconds} s`);
  if (still > kFrozenMs) faults.push(`the picture stood still for ${round(still, 0)} ms`);
  if (stepsOf(frames, settings.frames).some((step) => step < 0)) faults.push('the picture went back');
  if (unreadable > frames.length * 0.02) faults.push(`${unreadable} of ${frames.length} frame numbers were unreadable`);
  if (!after.lowLatencyMode) faults.push('not in low-latency mode');
  if (after.stalls > before.stalls || before.stalls > 0) faults.push([`${after.stalls} stalls`, ...await readHiccups(page)].join('\n  '));
  const measured = {
    played_s: round(played, 1), latency_p50_s: round(percentile(ages, 0.5)), latency_p95_s: round(percentile(ages, 0.95)),
    still_max_ms: round(still, 0), stalls: after.stalls, join_ms: round(after.joinMs, 0), renditions: after.levels.length,
  };
  return { measured, faults };
}

async function main() {
  const { values: options } = parseArgs({
    options: {
      api: { type: 'string' }, 'token-file': { type: 'string' }, seconds: { type: 'string', default: '30' },
      clip: { type: 'string', default: fileURLToPath(new URL('../../build/clip.mp4', import.meta.url)) },
      profile: { type: 'string' }, screenshot: { type: 'string' },
    },
  });
  if (!options.api || !options['token-file']) throw new Error('--api and --token-file are needed');
  const settings = await clip(options.clip, {}, { log: console.error });
  const api = new Api(options.api, (await readFile(options['token-file'], 'utf8')).trim());
  const stream = await api.createStream({ name: 'check', ...(options.profile ? { latency_profile: options.profile } : {}) });
  const url = stream.ingest.find(({ protocol }) => protocol === 'rtmp').url;

  const broadcaster = new Broadcaster(options.clip, settings, url);
  let browser;
  try {
    const playable = await playableAt(stream.playback.hls);
    await broadcaster.started();
    browser = await openBrowser();
    await sleep(2000);  // the browser has settled, ffmpeg's reports have found the start
    await browser.page.goto(stream.playback.watch);
    const { measured, faults } = await watch(browser.page, broadcaster, settings, Number(options.seconds));
    if (options.screenshot) await browser.page.screenshot({ path: options.screenshot });
    const { renditions, ...rest } = measured;
    console.log(JSON.stringify({ ...rest, publish_to_playable_s: round((playable - broadcaster.startedAt) / 1000), renditions }));
    if (renditions < 3) faults.push(`only ${renditions} renditions`);
    for (const fault of [...faults, ...browser.page.problems]) console.error(`check: ${fault}`);
    return faults.length === 0 ? 0 : 1;
  } finally {
    await browser?.close();
    await broadcaster.stop();
    await api.call('DELETE', `/streams/${stream.id}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().then((code) => process.exit(code), (error) => {
    console.error(`check: ${error.message}`);
    process.exit(1);
  });
}
