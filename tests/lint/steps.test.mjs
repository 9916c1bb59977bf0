// What installer/steps.sh and demo.sh say and do while they build, with a program in place of ninja.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';

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
  return { script, builder, exited: once(script, 'exit') };
}

// False for one that has ended and that nobody has asked about yet, too.
function isRunning(pid) {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

async function goes(pid) {
  for (const deadline = Date.now() + 5000; isRunning(pid); await setImmediate()) {
    if (Date.now() < deadline) continue;
    process.kill(pid, 'SIGKILL');
    assert.fail('the build goes on');
  }
}

test('a demo that is told to stop while it builds stops the build and ends', async () => {
  const { script, builder, exited } = await building(tree.at('installer/demo.sh'), '--state-dir', tree.at('state'));
  script.kill('SIGTERM');
  const [status] = await exited;
  assert.equal(status, 130);
  await goes(builder);
});

test('Ctrl-C ends what a script builds, also one that does nothing about it', async () => {
  const { script, builder } = await building('-c', 'source installer/steps.sh; build build/release x');
  process.kill(-script.pid, 'SIGINT');
  await goes(builder);
});
