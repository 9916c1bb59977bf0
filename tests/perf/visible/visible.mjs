// How long a part takes from its last frame leaving the encoder to being visible to viewers, in a live broadcast of the
// default ladder (720p30), as the server's own histogram has it; and whether visible means visible: a player's blocking
// request for every part of the lowest rendition must answer with a playlist that has it, and the part must then be there.
//   node tests/perf/visible/visible.mjs [--binary build/release/bin/liveserverd] [--runs 5] [--seconds 20]
// Prints one JSON line. p50 and p99 are interpolated in the histogram's buckets; within_60_ms is exact.
import http from 'node:http';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { Api } from '../../support/api.mjs';
import { Broadcaster } from '../../support/broadcaster.mjs';
import { clip } from '../../support/clip.mjs';
import { listedIn } from '../../support/playlists.mjs';
import { Server } from '../../support/server.mjs';
import { machine, median, rounded, sleep } from '../figures.mjs';

const kMetric = 'liveserver_part_publish_delay_seconds';
const kGoalSeconds = 0.06;

const { values } = parseArgs({ options: {
  binary: { type: 'string', default: 'build/release/bin/liveserverd' },
  runs: { type: 'string', default: '5' },
  seconds: { type: 'string', default: '20' },
} });
const seconds = Number(values.seconds);

// [[upper bound, observations up to it]…], ascending.
async function histogram(server) {
  const text = await (await fetch(`${server.api}/metrics`, { headers: { authorization: `Bearer ${await server.token()}` } })).text();
  return [...text.matchAll(new RegExp(`^${kMetric}_bucket\\{le="([^"]+)"\\} (\\d+)`, 'gm'))]
    .map(([, bound, count]) => [bound === '+Inf' ? Infinity : Number(bound), Number(count)]);
}

const difference = (after, before) => after.map(([bound, count], i) => [bound, count - before[i][1]]);
const total = (buckets) => buckets.at(-1)[1];

// In milliseconds; Infinity above the last bound.
function quantile(buckets, share) {
  const wanted = share * total(buckets);
  const i = buckets.findIndex(([, count]) => count >= wanted);
  const [lower, below] = i > 0 ? buckets[i - 1] : [0, 0];
  const [upper, count] = buckets[i];
  return 1000 * (upper === Infinity ? Infinity : lower + ((upper - lower) * (wanted - below)) / Math.max(1, count - below));
}

const within = (buckets) => buckets.find(([bound]) => bound === kGoalSeconds)[1] / total(buckets);

const agent = new http.Agent({ keepAlive: true });
function get(url) {
  return new Promise((resolve, reject) => {
    http.get(url, { agent }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString('latin1') }));
    }).on('error', reject);
  });
}

// Plays the lowest rendition by blocking requests until `deadline`; what was not there although it was announced.
async function follow(masterUrl, deadline) {
  const url = listedIn((await get(masterUrl)).text, masterUrl).at(-1);
  const seen = { parts: 0, wrong: [] };
  let hint = (await get(url)).text.match(/PRELOAD-HINT:TYPE=PART,URI="((\d+)\.(\d+)\.m4s)"/);
  while (hint && Date.now() < deadline) {
    const [, name, segment, part] = hint;
    const playlist = await get(`${url}?_HLS_msn=${segment}&_HLS_part=${part}`);
    if (playlist.status !== 200 || !new RegExp(`EXT-X-PART:.*URI="${name}"`).test(playlist.text)) seen.wrong.push(`playlist for ${name}: ${playlist.status}`);
    const media = await get(new URL(name, url).href);
    if (media.status !== 200 || media.text.length === 0) seen.wrong.push(`${name}: ${media.status}`);
    ++seen.parts;
    hint = playlist.text.match(/PRELOAD-HINT:TYPE=PART,URI="((\d+)\.(\d+)\.m4s)"/);
  }
  return seen;
}

async function oneRun(file, settings) {
  const server = await Server.start({ binary: values.binary });
  let broadcaster;
  try {
    const api = new Api(server.api, await server.token());
    const stream = await api.createStream({ name: 'visible' });
    broadcaster = await new Broadcaster(file, settings, `${server.rtmp}/live/${stream.stream_key}`).started();
    await sleep(5000);
    const before = await histogram(server);
    const seen = await follow(stream.playback.hls, Date.now() + seconds * 1000);
    const buckets = difference(await histogram(server), before);
    const { renditions } = await api.stats(stream.id);
    return { buckets, seen, shedFrames: renditions.reduce((sum, { shed_frames: frames }) => sum + (frames ?? 0), 0) };
  } finally {
    await broadcaster?.kill();
    await server.stop();
    await server.dispose();
  }
}

const file = path.resolve(path.dirname(values.binary), '../../clip.mp4');
const settings = await clip(file);
const noise = machine();
const rows = [];
for (let i = 0; i < Number(values.runs); ++i) rows.push(await oneRun(file, settings));
agent.destroy();
const all = rows.map((row) => row.buckets).reduce((sum, buckets) => sum.map(([bound, count], i) => [bound, count + buckets[i][1]]));
console.log(JSON.stringify({
  p50_ms: rounded(median(rows.map((row) => quantile(row.buckets, 0.5))), 1), p99_ms: rounded(median(rows.map((row) => quantile(row.buckets, 0.99))), 1),
  p99_all_runs_ms: rounded(quantile(all, 0.99), 1), within_60_ms: rounded(within(all), 4), slots: total(all),
  parts_seen: rows.reduce((sum, row) => sum + row.seen.parts, 0), parts_not_there: rows.flatMap((row) => row.seen.wrong),
  shed_frames: rows.map((row) => row.shedFrames), runs: rows.length, ...noise(),
}));
