// CPU of the default ladder for a 720p30 source, in a worker and in one ffmpeg process with the same cascade, presets and
// GOPs, as a ratio; besides, the memory of the idle server and the worker's start.
//   node tests/perf/ladder/ladder.mjs [--binary build/release/bin/liveserverd] [--runs 5] [--seconds 20]
// Prints one JSON line. CPU seconds per second of media are compared: with ffmpeg at the pace of the broadcast (-re), which is what
// serving live costs it, and with ffmpeg as fast as it can, which keeps its caches warm.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';

import { Api } from '../../support/api.mjs';
import { Broadcaster } from '../../support/broadcaster.mjs';
import { clip } from '../../support/clip.mjs';
import { Server } from '../../support/server.mjs';
import { machine, median, rounded, sleep } from '../figures.mjs';

const run = promisify(execFile);
const kTicks = 100;  // USER_HZ
const kRungs = [[1280, 720, 2_800_000], [854, 480, 1_300_000], [640, 360, 700_000], [284, 160, 200_000]];

const { values } = parseArgs({ options: {
  binary: { type: 'string', default: 'build/release/bin/liveserverd' },
  runs: { type: 'string', default: '5' },
  seconds: { type: 'string', default: '20' },
} });
const seconds = Number(values.seconds);

function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / kTicks;
}

function pssMiB(pid) {
  return Number(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8').match(/^Pss:\s+(\d+)/m)[1]) / 1024;
}

function childOf(pid) {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).find((candidate) => {
    try { return Number(readFileSync(`/proc/${candidate}/stat`, 'utf8').split(') ')[1].split(' ')[1]) === pid; } catch { return false; }
  });
}

async function ofWorker(file, settings) {
  const server = await Server.start({ binary: values.binary });
  try {
    await sleep(2000);
    const idleMiB = pssMiB(server.pid);
    const api = new Api(server.api, await server.token());
    const stream = await api.createStream({ name: 'ladder' });
    const broadcaster = await new Broadcaster(file, settings, `${server.rtmp}/live/${stream.stream_key}`).started();
    await sleep(5000);
    const worker = childOf(server.pid);
    const before = cpuSeconds(worker);
    await sleep(seconds * 1000);
    const cpu = (cpuSeconds(worker) - before) / seconds;
    const stats = await api.stats(stream.id);
    const log = (await server.log()).split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    const at = (event) => Date.parse(log.find((line) => line.event === event)?.time);
    await broadcaster.stop();
    return { cpu, idleMiB, startMs: at('worker.first_frame') - at('stream.state'), latencyMs: stats.latency_ms,
             shedFrames: stats.renditions.reduce((sum, rendition) => sum + (rendition.shed_frames ?? 0), 0) };
  } finally {
    await server.stop();
  }
}

async function ofFfmpeg(file, ...pace) {
  const cascade = kRungs.map(([width, height], i) => {
    const from = i === 0 ? '[0:v]' : `[s${i}]scale=${width}:${height}:flags=bilinear,`;
    return i === kRungs.length - 1 ? `${from}copy[v${i}]` : `${from}split[v${i}][s${i + 1}]`;
  }).join(';');
  const outputs = kRungs.flatMap(([, , bitrate], i) => ['-map', `[v${i}]`, '-c:v', 'libx264', '-preset', 'superfast', '-tune', 'zerolatency',
    '-threads', '1', '-bf', '0', '-g', '60', '-keyint_min', '60', '-sc_threshold', '0', '-b:v', bitrate, '-maxrate', bitrate * 1.1,
    '-bufsize', bitrate * 1.1, '-f', 'null', '-'].map(String));
  const command = ['ffmpeg', '-nostdin', '-loglevel', 'error', ...pace, '-threads', '1', '-t', String(seconds), '-i', file, '-filter_complex', cascade, ...outputs,
    '-map', '0:a', '-c:a', 'aac', '-b:a', '128k', '-f', 'null', '-'];
  const { stderr } = await run('bash', ['-c', 'TIMEFORMAT="%U %S"; time "$@"', 'bash', ...command]);
  const [user, system] = stderr.trim().split('\n').pop().split(' ').map(Number);
  return (user + system) / seconds;
}

const file = path.resolve(path.dirname(values.binary), '../../clip.mp4');
const settings = await clip(file);
const noise = machine();
const rows = [];
for (let i = 0; i < Number(values.runs); ++i) {
  rows.push({ ffmpeg: await ofFfmpeg(file, '-re'), unpaced: await ofFfmpeg(file), ...(await ofWorker(file, settings)) });
}
const figure = (pick) => rounded(median(rows.map(pick)));
console.log(JSON.stringify({
  cpu_ratio: figure((row) => row.cpu / row.ffmpeg), cpu_ratio_to_unpaced: figure((row) => row.cpu / row.unpaced),
  worker_cpu: figure((row) => row.cpu), ffmpeg_cpu: figure((row) => row.ffmpeg), unpaced_ffmpeg_cpu: figure((row) => row.unpaced),
  idle_pss_mib: figure((row) => row.idleMiB), worker_start_ms: figure((row) => row.startMs), latency_ms: figure((row) => row.latencyMs),
  shed_frames: rows.map((row) => row.shedFrames), runs: rows.length, ...noise(),
}));
