// What installer/steps.sh and demo.sh say and do while they install and build, with programs in place of apt-get and ninja.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';

import { goes, ScriptTree } from '../support/script_tree.mjs';

// A program that says who it is and stays.
const kBusy = 'echo "pid $$"; exec sleep 600';
let tree;

beforeEach(() => {
  tree = new ScriptTree();
  tree.copy('installer/demo.sh', 'installer/steps.sh');
  tree.emptyPackageLists('build', 'run');
  tree.program('cmake');
  tree.program('sudo', 'exec "$@"');
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
  tree.program('ninja', kBusy);
  const { script, pid, exited } = await tree.running(tree.at('installer/demo.sh'), '--state-dir', tree.at('state'));
  script.kill('SIGTERM');
  const [status] = await exited;
  assert.equal(status, 130);
  await goes(pid);
});

test('Ctrl-C ends what a script builds, also one that does nothing about it', async () => {
  tree.program('ninja', kBusy);
  const { script, pid } = await tree.running('-c', 'source installer/steps.sh; build build/release x');
  process.kill(-script.pid, 'SIGINT');
  await goes(pid);
});

// What installs packages in the tree, whose policy is not the machine's.
const kInstall = 'root=$PWD; source installer/steps.sh; policy=$root/policy; has_node() { true; }';

for (const [how, stop] of [
  ['Ctrl-C', (script) => process.kill(-script.pid, 'SIGINT')],
  // The installation is finished first: half of one would be worse.
  ['SIGTERM', (script, apt) => { script.kill('SIGTERM'); process.kill(apt, 'SIGTERM'); }],
]) {
  test(`an installation that ${how} interrupts lets servers start again`, async () => {
    tree.program('apt-get', kBusy);
    const { script, pid, exited } = await tree.running('-c', `${kInstall}; trap 'exit 130' INT TERM; step packages without_services apt_install x`);
    assert.match(readFileSync(tree.at('policy'), 'utf8'), /^exit 101$/m);
    stop(script, pid);
    await exited;
    assert.ok(!existsSync(tree.at('policy')));
  });
}

test('an installation after one that was killed lets servers start again, also when nothing is missing', () => {
  tree.emptyPackageLists('none');
  for (const install of ['without_services true', 'install_packages none']) {
    bash(`${kInstall}; without_services cp -p policy kept; mv kept policy`);
    assert.ok(existsSync(tree.at('policy')));
    assert.equal(bash(`${kInstall}; ${install}`).status, 0);
    assert.ok(!existsSync(tree.at('policy')), install);
  }
});

test('an installation leaves the policy of the machine alone', () => {
  tree.write('policy', '#!/bin/sh\nexit 101\n');
  bash(`${kInstall}; without_services true; allow_services`);
  assert.ok(existsSync(tree.at('policy')));
});
