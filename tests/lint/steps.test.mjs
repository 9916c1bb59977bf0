// What installer/steps.sh and demo.sh say and do while they build, with a program in place of ninja.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, test } from 'node:test';

import { ScriptTree } from '../support/script_tree.mjs';

let tree;

beforeEach(() => {
  tree = new ScriptTree();
  tree.copy('installer/demo.sh', 'installer/steps.sh');
  tree.emptyPackageLists('build', 'run');
  tree.program('cmake');
});
afterEach(() => tree.remove());

function bash(script) {
  const { status, stdout } = spawnSync('bash', ['-c', `source installer/steps.sh; ${script}`], { cwd: tree.at(), env: tree.environment, encoding: 'utf8' });
  return { status, lines: stdout.split('\n').slice(0, -1) };
}

test('a build without a terminal says now and then how far it is', () => {
  tree.program('ninja', 'echo "ninja: Entering directory"; echo "$NINJA_STATUS" | sed "s/%f/1/; s/%t/2/; s/$/CXX a.o/"');
  assert.deepEqual(bash('progress_seconds=0; build build/release x').lines, ['   [1/2]']);
  assert.deepEqual(bash('build build/release x').lines, []);
});

test('a build that fails without a terminal shows what the compiler says', () => {
  tree.program('ninja', 'echo "[1/2] CXX a.o"; echo "FAILED: a.o"; echo "a.cpp:1: error"; exit 1');
  assert.deepEqual(bash('build build/release x'), { status: 1, lines: ['FAILED: a.o', 'a.cpp:1: error'] });
});

test('each step ends with how long it took', () => {
  const { lines } = bash('step "a nap" true');
  assert.equal(lines[0], '── a nap');
  assert.match(lines[1], /^ {3}\d+ s$/);
});

// A script that builds, in a process group of its own as a terminal would give it, once the build runs.
async function building(...words) {
  tree.program('ninja', 'echo "pid $$"; exec sleep 600');
  const script = spawn('bash', words, { cwd: tree.at(), env: tree.environment, detached: true });
  let output = '';
  const builder = await new Promise((resolve) => {
    script.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      const found = output.match(/pid (\d+)/);
      if (found) resolve(Number(found[1]));
    });
  });
  const ended = Promise.all([once(script, 'exit'), once(script.stdout, 'end')]).then(([[status]]) => status);
  return { script, builder, ended };
}

test('a demo that is told to stop while it builds stops the build and ends', async () => {
  const { script, builder, ended } = await building(tree.at('installer/demo.sh'), '--state-dir', tree.at('state'));
  script.kill('SIGTERM');
  assert.equal(await ended, 130);
  assert.throws(() => process.kill(builder, 0), { code: 'ESRCH' });
});

test('Ctrl-C ends what a script builds, also one that does nothing about it', { timeout: 10_000 }, async (t) => {
  const { script, builder, ended } = await building('-c', 'source installer/steps.sh; build build/release x');
  t.signal.addEventListener('abort', () => process.kill(builder, 'SIGKILL'));
  process.kill(-script.pid, 'SIGINT');
  await ended;  // the output of both has ended
});
