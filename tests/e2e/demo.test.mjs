// installer/demo.sh with what is built already, run again after its stream was removed, disabled or lost its key.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { clip } from '../support/clip.mjs';
import { clipFile } from './harness.mjs';

const source = fileURLToPath(new URL('../..', import.meta.url));
const build = process.env.LIVE_BUILD_DIR ?? path.join(source, 'build/release');
const kSettings = ['rtmp', 'http', 'api'].flatMap((name) => ['--set', `${name}.listen=127.0.0.1:0`]);
let tree;

// A tree of its own whose build is the one under test: nothing is installed or compiled.
before(async () => {
  await clip(clipFile);
  tree = mkdtempSync(path.join(tmpdir(), 'demo-'));
  for (const folder of ['bin', 'build/release', 'installer/packages', 'tests']) mkdirSync(path.join(tree, folder), { recursive: true });
  for (const name of ['demo.sh', 'steps.sh']) cpSync(path.join(source, 'installer', name), path.join(tree, 'installer', name));
  for (const list of ['build', 'run']) writeFileSync(path.join(tree, `installer/packages/${list}.txt`), '');
  symlinkSync(path.join(source, 'tests/support'), path.join(tree, 'tests/support'));
  symlinkSync(path.join(build, 'bin'), path.join(tree, 'build/release/bin'));
  for (const name of ['clip.mp4', 'clip.mp4.json']) symlinkSync(path.join(path.dirname(clipFile), name), path.join(tree, 'build', name));
  for (const name of ['cmake', 'ninja']) {
    writeFileSync(path.join(tree, 'bin', name), '#!/bin/sh\n');
    chmodSync(path.join(tree, 'bin', name), 0o755);
  }
});
after(() => rmSync(tree, { recursive: true }));

// Runs the demo until it is on air or has ended; `meanwhile` is given what it printed.
async function demo(state, meanwhile = async () => {}) {
  const environment = { ...process.env, PATH: `${path.join(tree, 'bin')}:${process.env.PATH}` };
  const child = spawn('bash', [path.join(tree, 'installer/demo.sh'), '--state-dir', state, ...kSettings], { env: environment });
  const exited = once(child, 'exit');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => { output += text; });
  const onAir = new Promise((resolve) => { child.stdout.on('data', () => output.includes('Ctrl-C') && resolve()); });
  await Promise.race([onAir, exited]);
  try {
    if (child.exitCode === null) await meanwhile(output);
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
  return { output, status: child.exitCode, watch: output.match(/http:\S+\/watch\/(\S+)/)?.[1], key: output.match(/Stream key {2}(\S+)/)?.[1] };
}

async function call(output, state, method, pattern, body) {
  const token = readFileSync(path.join(state, 'admin.token'), 'utf8').trim();
  const address = output.match(/Address +(http:\S+)/)[1];
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(address + pattern, { method, headers, body: body && JSON.stringify(body) });
  assert.ok(answer.ok, `${method} ${pattern}: ${answer.status}`);
  return answer.status === 204 ? undefined : answer.json();
}

function scene(name, story) {
  test(name, async () => {
    const state = mkdtempSync(path.join(tmpdir(), 'demo-state-'));
    try {
      await story(state);
    } finally {
      rmSync(state, { recursive: true });
    }
  });
}

scene('the demo goes on air again after its stream was removed, and stays with the new one', async (state) => {
  const first = await demo(state, (output) => call(output, state, 'DELETE', '/streams/demo'));
  assert.equal(first.watch, 'demo', first.output);
  const second = await demo(state);
  assert.match(second.watch ?? '', /^demo-/, second.output);
  const third = await demo(state);
  assert.deepEqual([third.watch, third.key], [second.watch, second.key], third.output);
});

scene('the demo with a revoked key says so and how to go on, and that works', async (state) => {
  const first = await demo(state, async (output) => {
    const [{ id }] = (await call(output, state, 'GET', '/streams/demo')).keys;
    await call(output, state, 'DELETE', `/streams/demo/keys/${id}`);
  });
  const second = await demo(state);
  assert.notEqual(second.status, 0);
  assert.match(second.output, /revoked.*rm (\S+demo\.key)/);
  rmSync(second.output.match(/rm (\S+)/)[1]);
  const third = await demo(state);
  assert.equal(third.watch, 'demo', third.output);
  assert.notEqual(third.key, first.key);
});

scene('the demo with a disabled stream says so and how to go on', async (state) => {
  await demo(state, (output) => call(output, state, 'PATCH', '/streams/demo', { enabled: false }));
  const second = await demo(state);
  assert.notEqual(second.status, 0);
  assert.match(second.output, /'demo' is disabled.*\n.*rm -r \S+\n/);
  assert.ok(existsSync(path.join(state, 'curl.header')));
});
