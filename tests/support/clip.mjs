// The test broadcaster's clip: rendered once, then pushed over and over as it is, so that the machine is free for the server.
//   node tests/support/clip.mjs FILE [--size 1280x720] [--fps 30] [--seconds 32] [--bitrate 3000k]
// A calm moving picture with a running time, the frame number as cells (cells.mjs) and a soft tone; H.264 without B-frames,
// key frames every 2 s, AAC 48 kHz stereo, in MP4. Frame n carries the number n; a whole number of AAC frames makes the
// loop exact, so pushed with -stream_loop the number is (frames sent) mod (frames in the clip) for ever.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { Painter } from './clip_painter.mjs';

// A clip that other code painted is rendered again.
const kVersion = createHash('sha256').update(['clip.mjs', 'clip_painter.mjs', 'cells.mjs']
  .map((name) => readFileSync(new URL(name, import.meta.url), 'utf8')).join('')).digest('hex').slice(0, 16);

export function clipSettings({ size = '1280x720', fps = '30', seconds = 32, bitrate = '3000k' } = {}) {
  const [width, height] = size.split('x').map(Number);
  const [numerator, denominator = 1] = String(fps).split('/').map(Number);
  if (!(width >= 320 && height >= 180 && width % 2 === 0 && height % 2 === 0)) throw new Error(`bad size ${size}: even, at least 320x180`);
  if (!(numerator / denominator >= 10 && numerator / denominator <= 120)) throw new Error(`bad rate ${fps}: 10 to 120 or like 30000/1001`);
  if (!(seconds >= 8 && seconds % 8 === 0)) throw new Error(`bad length ${seconds}: a multiple of 8 s holds whole AAC frames`);
  const rate = numerator / denominator;
  return { width, height, fps: String(fps), rate, seconds: Number(seconds), bitrate, frames: Math.round(seconds * rate), version: kVersion };
}

// Renders the clip unless `file` already is that clip. Gives its settings.
export async function clip(file, options = {}, { log = () => {} } = {}) {
  const settings = clipSettings(options);
  const note = `${file}.json`;
  if (existsSync(file) && existsSync(note) && (await readFile(note, 'utf8')) === JSON.stringify(settings)) return settings;
  await mkdir(path.dirname(file), { recursive: true });
  const unfinished = `${file}.part.mp4`;
  log(`rendering the clip: ${settings.seconds} s of ${settings.width}x${settings.height} at ${settings.fps} fps`);
  await render(unfinished, settings);
  await rename(unfinished, file);
  await writeFile(note, JSON.stringify(settings));
  return settings;
}

async function run(args) {
  const [code] = await once(spawn('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-y', ...args], { stdio: ['ignore', 'inherit', 'inherit'] }), 'exit');
  if (code !== 0) throw new Error(`ffmpeg failed with exit code ${code}`);
}

// Through ADTS, which knows no encoder delay: an edit list would drop one frame at every turn of the loop.
async function renderTone(file, seconds) {
  const tone = `sine=f=220:r=48000:d=${seconds},volume=0.10,tremolo=f=0.25:d=0.6,afade=d=0.05,` +
    `afade=t=out:st=${seconds - 0.08}:d=0.05,aformat=channel_layouts=stereo`;
  await run(['-f', 'lavfi', '-i', tone, '-c:a', 'aac', '-b:a', '128k', '-f', 'adts', file]);
}

async function render(file, settings) {
  const tone = `${file}.aac`;
  await renderTone(tone, settings.seconds);
  try {
    await renderPicture(file, tone, settings);
  } finally {
    await rm(tone, { force: true });
  }
}

async function renderPicture(file, tone, { width, height, fps, rate, seconds, bitrate, frames }) {
  const gop = Math.round(2 * rate);
  const ffmpeg = spawn('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-y',
    '-f', 'rawvideo', '-pixel_format', 'yuv420p', '-video_size', `${width}x${height}`, '-framerate', fps, '-i', 'pipe:0',
    '-i', tone,
    '-map', '0:v', '-map', '1:a',
    '-c:v', 'libx264', '-preset', 'veryfast', '-b:v', bitrate, '-maxrate', bitrate, '-bufsize', bitrate,
    '-g', String(gop), '-keyint_min', String(gop), '-sc_threshold', '0', '-bf', '0', '-pix_fmt', 'yuv420p',
    '-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv',
    '-c:a', 'copy', '-bsf:a', 'aac_adtstoasc', '-frames:a', String((seconds * 375) / 8), file],
  { stdio: ['pipe', 'inherit', 'inherit'] });
  const exited = once(ffmpeg, 'exit');
  let broken = null;
  ffmpeg.stdin.on('error', (error) => { broken = error; });
  const painter = new Painter(width, height, rate);
  for (let n = 0; n < frames && !broken; ++n) {
    if (!ffmpeg.stdin.write(painter.frame(n))) await Promise.race([once(ffmpeg.stdin, 'drain'), exited]);
  }
  ffmpeg.stdin.end();
  const [code] = await exited;
  if (code !== 0 || broken) throw new Error(`ffmpeg could not encode the clip (exit code ${code})`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { size: { type: 'string' }, fps: { type: 'string' }, seconds: { type: 'string' }, bitrate: { type: 'string' } },
  });
  if (positionals.length !== 1) {
    console.error('usage: clip.mjs FILE [--size 1280x720] [--fps 30] [--seconds 32] [--bitrate 3000k]');
    process.exit(2);
  }
  const options = { ...values, seconds: values.seconds ? Number(values.seconds) : undefined };
  console.log(JSON.stringify(await clip(positionals[0], options, { log: console.error })));
}
