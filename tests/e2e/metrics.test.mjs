// The metrics of a server that is on air: clean to Prometheus' own checker, and there for what an alert looks at.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

import { show, smallLadder, until } from './harness.mjs';

async function metricsOf(scene) {
  const response = await fetch(`${scene.server.api}/metrics`, { headers: { Authorization: `Bearer ${await scene.server.token()}` } });
  assert.equal(response.status, 200);
  return response.text();
}

show('promtool finds nothing in the metrics of a live broadcast', async (scene) => {
  await scene.publish();
  const text = await until('parts are published', async () => {
    const page = await metricsOf(scene);
    return /^liveserver_part_publish_delay_seconds_count (?:[3-9]|\d\d)/m.test(page) && page;
  });
  const { status, stdout, stderr, error } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  assert.equal(error, undefined, 'promtool is in the package prometheus');
  assert.deepEqual([status, stdout + stderr], [0, '']);
  for (const series of ['liveserver_queued_calls{kind="catalog"} ', 'liveserver_queued_calls{kind="mirror"} ',
    'liveserver_log_dropped_lines_total 0', `liveserver_rendition_queued_frames{rendition="v160",stream="${scene.stream.id}"} `,
    `liveserver_stream_state{state="live",stream="${scene.stream.id}"} 1`]) {
    assert.ok(text.includes(`\n${series}`), series);
  }
}, { stream: { ladder: smallLadder } });
