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

test('a demo that is told to stop while it builds stops the build and ends', async () => {
  tree.program('ninja', 'echo "pid $$"; exec sleep 600');
  const demo = spawn('bash', [tree.at('installer/demo.sh'), '--state-dir', tree.at('state')], { env: tree.environment });
  let output = '';
  const pid = await new Promise((resolve) => {
    demo.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      const found = output.match(/pid (\d+)/);
      if (found) resolve(Number(found[1]));
    });
  });
  const exited = once(demo, 'exit');
  demo.kill('SIGTERM');
  const [status] = await exited;
  assert.equal(status, 130);
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});
