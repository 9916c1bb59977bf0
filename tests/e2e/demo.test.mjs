// installer/demo.sh with what is built already, run again after its stream was removed, disabled or lost its key, and while
// it runs; the names of its state directories have a space.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { clip } from '../support/clip.mjs';
import { ScriptTree, source } from '../support/script_tree.mjs';
import { clipFile, until } from './harness.mjs';

const build = process.env.LIVE_BUILD_DIR ?? path.join(source, 'build/release');
const kSettings = ['rtmp', 'http', 'api'].flatMap((name) => ['--set', `${name}.listen=127.0.0.1:0`]);
let tree;

// The build in the tree is the one under test.
before(async () => {
  await clip(clipFile);
  tree = new ScriptTree();
  tree.copy('installer/demo.sh', 'installer/steps.sh');
  tree.emptyPackageLists('build', 'run');
  for (const folder of ['build/release', 'tests']) mkdirSync(tree.at(folder), { recursive: true });
  symlinkSync(path.join(source, 'tests/support'), tree.at('tests/support'));
  symlinkSync(path.join(build, 'bin'), tree.at('build/release/bin'));
  for (const name of ['clip.mp4', 'clip.mp4.json']) symlinkSync(path.join(path.dirname(clipFile), name), tree.at('build', name));
  for (const name of ['cmake', 'ninja']) tree.program(name);
});
after(() => tree.remove());

// Runs the demo until it is on air or has ended; `meanwhile` is given what it printed, and how to look again.
async function demo(state, meanwhile = async () => {}, cwd = undefined) {
  const child = spawn('bash', [tree.at('installer/demo.sh'), '--state-dir', state, ...kSettings], { env: tree.environment, cwd });
  const exited = once(child, 'exit');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => { output += text; });
  const onAir = new Promise((resolve) => { child.stdout.on('data', () => output.includes('Ctrl-C') && resolve()); });
  await Promise.race([onAir, exited]);
  try {
    if (child.exitCode === null) await meanwhile(output, () => output);
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

// What a command that the demo printed says, copied into a shell.
const bash = (command) => execFileSync('bash', ['-c', command], { encoding: 'utf8' });
const words = (command) => bash(`printf '%s\\n' ${command}`).split('\n');

function scene(name, story) {
  test(name, async () => {
    const state = mkdtempSync(path.join(tmpdir(), 'demo state-'));
    try {
      await story(state);
    } finally {
      rmSync(state, { recursive: true, force: true });
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
  assert.match(second.output, /revoked.*rm .+demo\.key/);
  bash(second.output.match(/rm .*/)[0]);
  const third = await demo(state);
  assert.equal(third.watch, 'demo', third.output);
  assert.notEqual(third.key, first.key);
});

scene('the demo with a disabled stream says so and how to go on', async (state) => {
  await demo(state, (output) => call(output, state, 'PATCH', '/streams/demo', { enabled: false }));
  const { status, output } = await demo(state);
  assert.notEqual(status, 0);
  assert.match(output, /'demo' is disabled/);
  const [, ...start] = words(output.match(/run (.*)/)[1]);
  assert.deepEqual(start.slice(0, 3), ['serve', '--state-dir', state]);
  const header = words(output.match(/enable it: (.*)/)[1]).find((word) => word.startsWith('@'));
  assert.ok(existsSync(header.slice(1)), header);
  bash(output.match(/rm -r .*/)[0]);
  assert.ok(!existsSync(state));
});

scene('the demo says why its broadcaster stopped, and started again it is on air whatever stopped it', async (state) => {
  await demo(state, async (output, printed) => {
    await call(output, state, 'POST', '/streams/demo/stop', { hold_s: 600 });
    await until('the reason is printed', async () => /has stopped: .*an operator ended the broadcast/.test(printed()));
  });
  await demo(state, async (output) => {
    assert.equal((await call(output, state, 'GET', '/streams/demo/stats')).state, 'live');
  });
});

scene('the demo keeps its state where its caller means, and the command it tells to try works', async (folder) => {
  await demo('a b', async (output) => {
    const answer = bash(`${output.match(/Try +(.*)/)[1]} -sS`);
    assert.equal(JSON.parse(answer).state, 'live', answer);
  }, folder);
  assert.ok(existsSync(path.join(folder, 'a b/catalog.db')));
});

scene('a second demo with the same state is refused and leaves the log of the first alone', async (state) => {
  const log = () => readFileSync(path.join(state, 'server.log'), 'utf8');
  await demo(state, async () => {
    const before = log();
    const second = await demo(state);
    assert.equal(second.status, 1);
    assert.match(second.output, /the server did not start\. It said:\n[^]*another liveserverd .* uses this state directory/);
    assert.ok(log().startsWith(before) && before.includes('server.ready'), log());
  });
  const first = log();
  await demo(state);
  assert.equal(readFileSync(path.join(state, 'server.previous.log'), 'utf8'), first);
});
