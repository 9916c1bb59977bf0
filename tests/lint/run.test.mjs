// tests/run.sh never looks green when it has not run: with programs in place of ctest, ninja and cmake that say what each
// test wants them to.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../..', import.meta.url));
// A run of tests that all pass, as ctest writes it down, and its list of them.
const kRuns = `
for word; do
    if [ "$last" = --output-junit ]; then echo '<testcase status="run"/>' >"$word"; fi
    if [ "$word" = -N ]; then echo '  Test #1: unit.base.TimeTest'; fi
    last=$word
done`;
let tree;

function program(name, text) {
  const file = path.join(tree, 'bin', name);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
}

beforeEach(() => {
  tree = mkdtempSync(path.join(tmpdir(), 'run-'));
  for (const folder of ['bin', 'tests/e2e/node_modules', 'installer/packages']) mkdirSync(path.join(tree, folder), { recursive: true });
  for (const file of ['tests/run.sh', 'installer/steps.sh']) copyFileSync(path.join(source, file), path.join(tree, file));
  for (const list of ['build', 'run', 'check', 'test']) writeFileSync(path.join(tree, `installer/packages/${list}.txt`), '');
  for (const file of ['package-lock.json', 'node_modules/.installed']) writeFileSync(path.join(tree, 'tests/e2e', file), '{}');
  for (const name of ['cmake', 'ninja', 'apt-get']) program(name, '');
  program('setarch', 'exit 1');
  program('ctest', kRuns);
});
afterEach(() => rmSync(tree, { recursive: true }));

function run(...words) {
  const environment = { ...process.env, PATH: `${path.join(tree, 'bin')}:${process.env.PATH}` };
  const { status, stdout, stderr } = spawnSync('bash', [path.join(tree, 'tests/run.sh'), ...words], { env: environment, encoding: 'utf8' });
  return { status, output: stdout + stderr, last: stdout.trimEnd().split('\n').at(-1) };
}

test('a run in which everything passed is green', () => {
  const { status, last, output } = run();
  assert.equal(last, '3 passed, 0 failed', output);
  assert.equal(status, 0);
});

for (const [what, preset] of [['AddressSanitizer', 'asan-ubsan'], ['ThreadSanitizer', 'tsan']]) {
  test(`a run whose ${what} tests cannot be listed is red and says so`, () => {
    program('ctest', `case "$*" in *"${preset} -N"*) exit 1 ;; esac\n${kRuns}`);
    const { status, last, output } = run();
    assert.notEqual(status, 0, output);
    assert.equal(last, '0 passed, 1 failed');
    assert.match(output, new RegExp(`the tests of ${preset} can't be listed`));
  });

  test(`a run without any ${what} test is red and says so`, () => {
    program('ctest', `case "$*" in *"${preset} -N"*) exit 0 ;; esac\n${kRuns}`);
    const { status, last, output } = run();
    assert.notEqual(status, 0, output);
    assert.equal(last, '0 passed, 1 failed');
    assert.match(output, new RegExp(`no test at all under ${preset}`));
  });
}

test('a run whose programs cannot be listed is red', () => {
  program('ninja', 'case "$*" in *targets*) exit 1 ;; esac');
  const { status, last, output } = run();
  assert.notEqual(status, 0, output);
  assert.equal(last, '0 passed, 1 failed');
});

test('tests asked for by name may be in one run only', () => {
  program('ctest', `case "$*" in *"tsan -N"*) exit 0 ;; esac\n${kRuns}`);
  const { status, last, output } = run('unit.base');
  assert.equal(last, '2 passed, 0 failed', output);
  assert.equal(status, 0);
});
