// tests/run.sh never looks green when it has not run, and takes along what it runs: with programs in place of ctest, ninja and cmake that say what each
// test wants them to.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, test } from 'node:test';

import { goes, ScriptTree } from '../support/script_tree.mjs';

// A run of tests that all pass, as ctest writes it down, and its list of them.
const kRuns = `
for word; do
    if [ "$last" = --output-junit ]; then echo '<testcase status="run"/>' >"$word"; fi
    if [ "$word" = -N ]; then echo '  Test #1: unit.base.TimeTest'; fi
    last=$word
done`;
let tree;

beforeEach(() => {
  tree = new ScriptTree();
  tree.copy('tests/run.sh', 'installer/steps.sh');
  tree.emptyPackageLists('build', 'run', 'check', 'test');
  for (const file of ['package-lock.json', 'node_modules/.installed']) tree.write(`tests/e2e/${file}`, '{}');
  for (const name of ['cmake', 'ninja', 'apt-get']) tree.program(name);
  tree.program('setarch', 'exit 1');
  tree.program('ctest', kRuns);
});
afterEach(() => tree.remove());

function run(...words) {
  const { status, stdout, stderr } = spawnSync('bash', [tree.at('tests/run.sh'), ...words], { env: tree.environment, encoding: 'utf8' });
  return { status, output: stdout + stderr, last: stdout.trimEnd().split('\n').at(-1) };
}

test('a run in which everything passed is green', () => {
  const { status, last, output } = run();
  assert.equal(last, '3 passed, 0 failed', output);
  assert.equal(status, 0);
});

for (const [what, preset] of [['AddressSanitizer', 'asan-ubsan'], ['ThreadSanitizer', 'tsan']]) {
  test(`a run whose ${what} tests cannot be listed is red and says so`, () => {
    tree.program('ctest', `case "$*" in *"${preset} -N"*) exit 1 ;; esac\n${kRuns}`);
    const { status, last, output } = run();
    assert.notEqual(status, 0, output);
    assert.equal(last, '0 passed, 1 failed');
    assert.match(output, new RegExp(`the tests of ${preset} can't be listed`));
  });

  test(`a run without any ${what} test is red and says so`, () => {
    tree.program('ctest', `case "$*" in *"${preset} -N"*) exit 0 ;; esac\n${kRuns}`);
    const { status, last, output } = run();
    assert.notEqual(status, 0, output);
    assert.equal(last, '0 passed, 1 failed');
    assert.match(output, new RegExp(`no test at all under ${preset}`));
  });
}

test('a run whose programs cannot be listed is red', () => {
  tree.program('ninja', 'case "$*" in *targets*) exit 1 ;; esac');
  const { status, last, output } = run();
  assert.notEqual(status, 0, output);
  assert.equal(last, '0 passed, 1 failed');
});

test('tests asked for by name may be in one run only', () => {
  tree.program('ctest', `case "$*" in *"tsan -N"*) exit 0 ;; esac\n${kRuns}`);
  const { status, last, output } = run('unit.base');
  assert.equal(last, '2 passed, 0 failed', output);
  assert.equal(status, 0);
});

for (const [program, words] of [
  ['ninja', 'case "$*" in *targets*) exit 0 ;; esac'],
  ['ctest', `case "$*" in *" -N"*) echo '  Test #1: unit.base.TimeTest'; exit 0 ;; esac`],
  ['cmake', ''],
]) {
  test(`a run that is told to stop while ${program} runs ends that, too, and is red`, async () => {
    tree.program(program, `${words}\necho "pid $$"; exec sleep 600`);
    const { script, pid, exited } = await tree.running(tree.at('tests/run.sh'));
    script.kill('SIGTERM');
    await goes(pid);
    const [status] = await exited;
    assert.notEqual(status, 0);
  });
}
