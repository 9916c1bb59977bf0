// Small FLV files that ffmpeg renders, taken apart into what an RTMP encoder sends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const kAudio = 8;
const kVideo = 9;

// The tags of `seconds` of a moving picture and a tone: [{type, time, body}]. `video` and `audio` are further ffmpeg
// options, or null for none of it.
export async function renderTags({ seconds, size = '320x180', video = ['-bf', '0', '-g', '25'], audio = [] }) {
  const inputs = [
    ...(video ? ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=25:d=${seconds}`] : []),
    ...(audio ? ['-f', 'lavfi', '-i', `sine=f=330:r=48000:d=${seconds}`] : []),
  ];
  const ffmpeg = spawn('ffmpeg', ['-hide_banner', '-loglevel', 'error', ...inputs,
    ...(video ? ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', ...video] : []),
    ...(audio ? ['-c:a', 'aac', '-ac', '2', ...audio] : []),
    '-f', 'flv', '-flvflags', 'no_duration_filesize', 'pipe:1'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(ffmpeg, 'exit');
  const pieces = [];
  for await (const piece of ffmpeg.stdout) pieces.push(piece);
  const [code] = await exited;
  if (code !== 0) throw new Error(`ffmpeg failed with exit code ${code}`);
  return readTags(Buffer.concat(pieces));
}

// FLV 10.1, annex E: a header of 9 bytes, then tags, each after the size of the one before.
function readTags(file) {
  const tags = [];
  for (let at = 9 + 4; at + 11 <= file.length;) {
    const size = file.readUIntBE(at + 1, 3);
    const time = file.readUIntBE(at + 4, 3) + file[at + 7] * 2 ** 24;
    if (file[at] === kAudio || file[at] === kVideo) tags.push({ type: file[at], time, body: file.subarray(at + 11, at + 11 + size) });
    at += 11 + size + 4;
  }
  return tags;
}
