// What the machine can do to the server: a disk that takes no more, and starts that cannot succeed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { show, until } from './harness.mjs';
import { HlsViewer } from '../support/hls_viewer.mjs';

const stream = { ladder: [{ height: 160 }] };

// No file of this process grows from here on: every write that would make it longer than a byte fails with EFBIG.
function fillTheDisk(pid) {
  assert.equal(spawnSync('prlimit', ['--pid', String(pid), '--fsize=1:unlimited']).status, 0);
}

show('a full disk is not noticed by viewers, is told to the operator, and costs filler after a kill', async (scene) => {
  const { server, api } = scene;
  const stats = () => api.stats(scene.stream.id);
  await scene.publish();
  const viewer = await HlsViewer.start(scene.masterUrl);
  scene.later(async () => viewer.stop());
  await until('the broadcast is under way', () => viewer.parts > 12);
  const before = await stats();
  viewer.takeWorstGap();
  fillTheDisk(server.pid);

  await until('the operator is told', async () => (await stats()).alarms.some((alarm) => alarm.includes('filler after a restart')));
  const parts = viewer.parts;
  await until('live goes on', () => viewer.problems.length > 0 || viewer.parts > parts + 24);
  assert.deepEqual(viewer.problems, []);
  const gap = viewer.takeWorstGap();
  assert.ok(gap < viewer.holdBackMs + viewer.partMs, `a viewer waited ${gap} ms`);
  assert.match(await server.log(), /"event":"alarm.raised".*"alarm":"mirror"/);
  const metrics = await (await fetch(`${server.api}/metrics`)).text();
  assert.ok(Number(metrics.match(/^liveserver_mirror_troubles_total\{reason="failed"\} (\d+)/m)[1]) > 0);
  const shown = await (await fetch(viewer.url)).text();
  viewer.stop();
  await viewer.finished;

  await server.stop('SIGKILL');
  await scene.broadcaster.kill();
  await server.restart();
  await scene.publish();
  const after = await HlsViewer.start(scene.masterUrl);
  scene.later(async () => after.stop());
  await until('the broadcast goes on', async () => (await stats()).broadcast_id === before.broadcast_id);
  await until('it plays', () => after.problems.length > 0 || after.parts > 12);
  assert.deepEqual(after.problems, []);
  const listed = (await (await fetch(after.url)).text()).split('\n').filter((line) => /^\d+\.m4s$/.test(line));
  for (const name of listed) assert.equal((await fetch(new URL(name, after.url))).status, 200, name);
  const newestBefore = Math.max(...shown.match(/^\d+(?=\.m4s$)/gm).map(Number));
  assert.ok(listed.some((name) => parseInt(name, 10) === newestBefore), 'what was not on the disk is there as filler');
}, { stream });

show('a start that cannot succeed says what to do', async ({ server }) => {
  const other = await mkdtemp(path.join(tmpdir(), 'liveserver-'));
  const start = (stateDir, ...settings) => {
    const set = ['rtmp.listen=127.0.0.1:0', 'http.listen=127.0.0.1:0', 'api.listen=127.0.0.1:0', ...settings]
      .flatMap((setting) => ['--set', setting]);
    const { status, stderr } = spawnSync(server.binary, ['serve', '--state-dir', stateDir, ...set], { encoding: 'utf8', timeout: 10_000 });
    assert.equal(status, 1, stderr);
    return stderr;
  };
  assert.match(start(other, `http.listen=${server.ready.rtmp}`), /http\.listen: .*another program listens there/);
  assert.match(start(server.stateDir), /another liveserverd \(process \d+\) uses this state directory; stop it, or .*--state-dir/);
  assert.match(start(other, `catalog.path=${server.stateDir}/catalog.db`), /another liveserverd \(process \d+\) uses this catalog; .*catalog\.path/);
  assert.match(start('/proc/liveserver'), /\/proc\/liveserver: the state directory can't be made/);
  await rm(other, { recursive: true });
  assert.equal((await fetch(`${server.api}/healthz`)).status, 200);
});
