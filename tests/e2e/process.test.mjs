// The server as a process: how it stops, whatever its clients and the moment are, and what it leaves to publishers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';

import { show, until } from './harness.mjs';

async function connected(url, count) {
  const { hostname, port } = new URL(url);
  const sockets = Array.from({ length: count }, () => net.connect({ host: hostname, port }));
  for (const socket of sockets) socket.on('error', () => {});
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  return sockets;
}

show('clients that keep their connections open do not keep the server from stopping', async ({ server }) => {
  const agent = new http.Agent({ keepAlive: true });
  for (const url of [`${server.api}/healthz`, `${server.http}/live/none/master.m3u8`]) {
    const [response] = await once(http.get(url, { agent }), 'response');
    response.resume();
    await once(response, 'end');
  }
  const [unfinished] = await connected(server.api, 1);
  unfinished.write('GET /heal');
  const began = performance.now();
  assert.deepEqual(await server.stop(), [0, null]);
  assert.ok(performance.now() - began < 5000, `it took ${performance.now() - began} ms`);
  agent.destroy();
});

show('a server that is told to stop while it starts stops', async ({ server }) => {
  await server.stop();
  const began = performance.now();
  await server.restart();
  const startMs = performance.now() - began;
  await server.stop();
  for (let i = 1; i <= 12; ++i) {
    const [code, signal] = await server.startAndStopAfter((startMs * i) / 12);
    // The first moment of a process is before it can listen to signals.
    assert.ok(code === 0 || signal === 'SIGTERM', `after ${i}/12 of its start: ${code ?? signal}`);
  }
});

show('viewers cannot take the descriptors that a publisher needs', async (scene) => {
  assert.match(await scene.server.log(), /"event":"descriptors.few"/);
  const viewers = await connected(scene.server.http, 1200);
  await scene.publish();
  await until('the broadcast starts', async () => (await scene.api.stats(scene.stream.id)).state === 'live');
  for (const socket of viewers) socket.destroy();
  await scene.broadcaster.kill();
  assert.deepEqual(await scene.server.stop(), [0, null]);
}, { descriptors: 1024 });
