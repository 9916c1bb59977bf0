// Bad input at every door of one server. Each gets a clear answer, and a good broadcast beside it plays on: a viewer of it
// never waits longer for the next part than a player holds back, and the server's memory stays bounded.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import { fileURLToPath } from 'node:url';

import { show, sleep, until } from './harness.mjs';
import { renderTags } from '../support/flv.mjs';
import { HlsViewer } from '../support/hls_viewer.mjs';
import { RtmpClient, chunk, handshake } from '../support/rtmp_client.mjs';

const kMostGrowthMib = 64;
const kDenied = 'NetStream.Publish.Denied';
const ladder = [{ height: 160 }];

async function residentMib(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(status.match(/VmRSS:\s+(\d+)/)[1]) / 1024;
}

// Sends `pieces` as fast as they are taken, reading nothing when `isDeaf`. Gives what was answered and how much was taken
// once the server has closed, or has taken nothing for `stallMs`.
async function pour(url, pieces, { isDeaf = false, stallMs = 3000 } = {}) {
  const { hostname, port } = new URL(url);
  const socket = net.connect({ host: hostname, port, noDelay: true });
  const answers = [];
  let closed = false;
  socket.on('error', () => {}).on('close', () => { closed = true; });
  if (isDeaf) socket.pause(); else socket.on('data', (data) => answers.push(data));
  await once(socket, 'connect');
  let last = Date.now();
  for (const piece of pieces) {
    if (socket.bytesWritten > 0) await sleep(answers.length > 0 || isDeaf ? 0 : 20);  // what is answered at once is read
    if (closed || socket.destroyed) break;
    if (socket.write(piece, () => { last = Date.now(); })) continue;
    while (!closed && socket.writableNeedDrain && Date.now() - last < stallMs) await sleep(10);
    if (socket.writableNeedDrain) break;
  }
  while (!isDeaf && !closed && Date.now() - last < stallMs) await sleep(10);
  const taken = socket.bytesWritten - socket.writableLength;
  return { answer: Buffer.concat(answers).toString('latin1'), taken, closed, socket };
}

const statusOf = ({ answer }) => Number(answer.match(/^HTTP\/1\.1 (\d+)/)?.[1]);

function* zeros(bytes) {
  const piece = Buffer.alloc(1 << 20);
  for (; bytes > 0; bytes -= piece.length) yield piece;
}

function* chunkedZeros(bytes) {
  const piece = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(1 << 20), Buffer.from('\r\n')]);
  for (; bytes > 0; bytes -= 1 << 20) yield piece;
}

class Scene {
  constructor(scene) {
    Object.assign(this, { server: scene.server, api: scene.api, later: (cleanup) => scene.later(cleanup), good: scene });
  }

  async begin() {
    await this.good.publish();
    this.viewer = await HlsViewer.start(this.good.masterUrl);
    this.later(async () => this.viewer.stop());
    await until('the broadcast is under way', () => this.viewer.parts > 6);
    this.viewer.takeWorstGap();
    this.residentMib = await residentMib(this.server.pid);
    this.broadcast = (await this.api.stats(this.good.stream.id)).broadcast_id;
  }

  async unharmed() {
    await sleep(1000);
    assert.deepEqual(this.viewer.problems, []);
    const gap = this.viewer.takeWorstGap();
    const most = this.viewer.holdBackMs + this.viewer.partMs;
    assert.ok(gap < most, `a viewer waited ${gap} ms for the next part; it holds back ${most} ms`);
    const stats = await this.api.stats(this.good.stream.id);
    assert.equal(stats.state, 'live');
    assert.equal(stats.broadcast_id, this.broadcast);
    const grown = (await residentMib(this.server.pid)) - this.residentMib;
    assert.ok(grown < kMostGrowthMib, `the server grew by ${grown.toFixed(0)} MiB`);
  }

  publisher() {
    return RtmpClient.connect(this.server.ready.rtmp).then((client) => {
      this.later(async () => client.destroy());
      return client;
    });
  }

  stream() { return this.api.createStream({ name: 'bad', ladder }); }

  logged(event, text) {
    return until(`${event}: ${text} is logged`, async () => (await this.server.log()).split('\n')
      .some((line) => line.includes(`"event":"${event}"`) && line.includes(text)));
  }

  // How the server ends a publisher that sends `send(client)` after it was admitted.
  async refusalOf(send) {
    const { stream_key: key } = await this.stream();
    const client = await this.publisher();
    assert.equal((await client.publish(key)).code, 'NetStream.Publish.Start');
    send(client);
    await client.closed;
    return client.statuses.at(-1);
  }

  // `tags` on a stream of their own are watched for some seconds.
  async plays(tags, { shift = 0, seconds = 5 } = {}) {
    const { id, stream_key: key, playback } = await this.stream();
    const client = await this.publisher();
    assert.equal((await client.publish(key)).code, 'NetStream.Publish.Start');
    const sent = client.play(tags, { shift });
    const viewer = await HlsViewer.start(playback.hls);
    await until(`${seconds} s of it are seen`, () => viewer.problems.length > 0 || viewer.parts * viewer.partMs > seconds * 1000, 20_000);
    assert.deepEqual(viewer.problems, []);
    assert.ok(client.isOpen, `the server closed: ${JSON.stringify(client.statuses)}`);
    const stats = await this.api.stats(id);
    await sent;
    viewer.stop();
    client.unpublish();
    await client.closed;
    await this.api.stop(id, 0);
    await viewer.finished;
    return stats;
  }
}

const configuration = (tags, type) => tags.find((tag) => tag.type === type);

show('bad input is answered clearly and a broadcast beside it plays on', async (given, t) => {
  const scene = new Scene(given);
  const { server, api } = scene;
  await scene.begin();
  const step = (name, body) => t.test(name, async () => {
    await body();
    await scene.unharmed();
  });

  await step('random bytes end the connection that sent them', async () => {
    const noise = randomBytes(64 * 1024);
    noise[0] = 0x47;
    const [rtmp, http, rest] = await Promise.all([server.rtmp, server.http, server.api].map((url) => pour(url, [noise])));
    assert.ok(rtmp.closed && http.closed && rest.closed);
    assert.deepEqual([statusOf(http), statusOf(rest)], [400, 400]);
    await scene.logged('rtmp.protocol_error', '');
  });

  await step('half a handshake is waited for, not for ever', async () => {
    const client = await scene.publisher();
    const begin = Date.now();
    client.send(handshake.subarray(0, 1000));
    await client.closed;
    assert.ok(Date.now() - begin < 7000);
  });

  await step('messages of 16 MiB on 64 chunk streams end the connection', async () => {
    const client = await scene.publisher();
    client.send(handshake);
    for (let i = 2; i < 64; ++i) client.send(chunk({ type: 9, chunkStream: i, length: 0xFFFFFF, body: Buffer.alloc(128) }));
    await client.closed;
    await scene.logged('rtmp.protocol_error', 'a message of 16777215 bytes is over the limit');
  });

  await step('codecs and configurations that are not taken are named, with what to set instead', async () => {
    const refused = await Promise.all([
      Buffer.from([0x1C, 0, 0, 0, 0, 1, 1, 0x60]),
      Buffer.concat([Buffer.from([0x90]), Buffer.from('hvc1'), Buffer.alloc(8)]),
      Buffer.concat([Buffer.from([0x90]), Buffer.from('avc1'), Buffer.alloc(8)]),
      Buffer.from([0x17, 0, 0, 0, 0, 1, 2, 3]),
    ].map((body) => scene.refusalOf((client) => client.video(0, body))));
    assert.ok(refused.every(({ code }) => code === kDenied), JSON.stringify(refused));
    const words = [/HEVC.*set the encoder's video codec to H\.264/, /HEVC/, /switch Enhanced RTMP off/, /H\.264 configuration.*encoder/];
    words.forEach((pattern, i) => assert.match(refused[i].description, pattern));
    const audio = await scene.refusalOf((client) => client.audio(0, Buffer.from([0xAF, 0, 0x16, 0x90])));
    assert.equal(audio.code, kDenied);
    assert.match(audio.description, /AAC encoder/);
  });

  const [usual, longGop, bFrames, larger] = await Promise.all([
    renderTags({ seconds: 9 }),
    renderTags({ seconds: 14, video: ['-bf', '0', '-g', '15000', '-sc_threshold', '0'] }),
    renderTags({ seconds: 9, video: ['-preset', 'veryfast', '-bf', '3', '-g', '50'] }),
    renderTags({ seconds: 5, size: '640x360' }),
  ]);

  await step('a publisher that sends only audio, or only video, is on air', async () => {
    await Promise.all([8, 9].map((type) => scene.plays(usual.filter((tag) => tag.type === type))));
  });

  await step('time stamps from 0xFFFFF000 and B-frames are played', async () => {
    await Promise.all([scene.plays(usual, { shift: 0xFFFFF000 }), scene.plays(bFrames)]);
  });

  await step('a size that changes in mid-stream and a group of pictures of 10 minutes are played', async () => {
    const later = larger.map((tag) => ({ ...tag, time: tag.time + 4000 }));
    const changing = [...usual.filter(({ time }) => time < 4000), ...later];
    const [changed] = await Promise.all([scene.plays(changing, { seconds: 7 }), scene.plays(longGop, { seconds: 12 })]);
    assert.equal(changed.inputs[0].width, 640);
  });

  await step('two encoders with one key: the newest wins, the third change is refused and raises an alarm', async () => {
    const { id, stream_key: key } = await scene.stream();
    const enter = async (encoder) => {
      const client = await scene.publisher();
      const { code, description } = await client.publish(key, { encoder });
      const sent = code.endsWith('Start') ? client.play(usual) : null;
      if (sent) await until('it delivers', async () => (await api.stats(id)).inputs[0]?.encoder === encoder);
      await sleep(300);
      return { client, code, description };
    };
    const first = await enter('one');
    const second = await enter('two');
    await first.client.closed;
    assert.match(first.client.statuses.at(-1).description, /taken this stream over/);
    const third = await enter('one');
    await second.client.closed;
    const fourth = await enter('two');
    assert.equal(fourth.code, 'NetStream.Publish.BadName');
    assert.match(fourth.description, /two encoders share this stream key/);
    await until('the operator is warned', async () => (await api.stats(id)).inputs[0].warnings
      .some((warning) => warning.includes('two encoders share a key')));
    await scene.logged('stream.key_shared', '');
    third.client.unpublish();
    await third.client.closed;
    await api.stop(id, 0);
  });

  await step('a query of 100 KB and .. in paths are refused', async () => {
    const get = async (base, path) => statusOf(await pour(base, [`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`]));
    const playlist = new URL(scene.viewer.url).pathname;
    assert.ok([414, 431].includes(await get(server.http, `${playlist}?x=${'y'.repeat(100 * 1024)}`)));
    assert.ok([414, 431].includes(await get(server.api, `/api/v1/streams?x=${'y'.repeat(100 * 1024)}`)));
    for (const path of ['/../../etc/passwd', '/live/%2e%2e/admin.token', '/watch/../../admin.token', '/live/..%2f..%2fadmin.token']) {
      assert.equal(await get(server.http, path), 400, path);
      assert.equal(await get(server.api, path), 400, path);
    }
  });

  await step('a POST of 1 GB is refused, not swallowed', async () => {
    const head = (path, framing) => Buffer.from(`POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${api.token}\r\n` +
      `Content-Type: application/json\r\n${framing}\r\n\r\n`);
    for (const [base, path, wanted] of [[server.api, '/api/v1/streams', 413], [server.http, '/live/x/master.m3u8', 405]]) {
      const whole = await pour(base, [head(path, `Content-Length: ${2 ** 30}`), ...zeros(2 ** 28)]);
      assert.equal(statusOf(whole), wanted, base);
      assert.ok(whole.closed && whole.taken < 2 ** 26, `${whole.taken} bytes were taken`);
      const pieces = await pour(base, [head(path, 'Transfer-Encoding: chunked'), ...chunkedZeros(2 ** 28)]);
      assert.equal(statusOf(pieces), wanted, base);
      assert.ok(pieces.closed && pieces.taken < 2 ** 26, `${pieces.taken} bytes were taken`);
    }
  });

  await step('a client that pipelines and never reads is held back', async () => {
    const request = (path) => Buffer.from(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(1000));
    const many = (path) => Array(2000).fill(request(path));
    const results = await Promise.all([
      pour(server.http, many(new URL(scene.viewer.url).pathname), { isDeaf: true }),
      pour(server.api, many('/healthz'), { isDeaf: true }),
    ]);
    for (const { taken, socket } of results) {
      assert.ok(taken < 16 * 2 ** 20, `${taken} bytes were taken`);
      socket.destroy();
    }
  });

  await step('10,000 connections that say nothing keep nobody out', async () => {
    const program = fileURLToPath(new URL('../support/crowd.mjs', import.meta.url));
    const crowds = [[server.ready.rtmp, 6000], [server.ready.http, 4000]].map(([endpoint, count]) =>
      spawn(process.execPath, [program, endpoint, String(count)], { stdio: ['pipe', 'pipe', 'inherit'] }));
    scene.later(async () => { for (const crowd of crowds) crowd.kill('SIGKILL'); });
    await Promise.all(crowds.map((crowd) => once(crowd.stdout, 'data')));
    await scene.plays(usual, { seconds: 3 });
    assert.equal((await fetch(`${server.api}/healthz`)).status, 200);
    for (const crowd of crowds) crowd.stdin.end();
    await Promise.all(crowds.map((crowd) => once(crowd, 'exit')));
    await until('the connections are gone', async () => {
      const metrics = await (await fetch(`${server.api}/metrics`)).text();
      return Number(metrics.match(/^liveserver_http_open_connections (\d+)/m)[1]) < 20 &&
        Number(metrics.match(/^liveserver_rtmp_open_connections (\d+)/m)[1]) < 20;
    });
  });
}, { stream: { ladder }, timeout: 240_000 });
