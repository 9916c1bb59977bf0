// What `installer/demo.sh --check` does when it is told to stop or fails, with a program in place of the server and one in
// place of the check.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';

import { goes, ScriptTree } from '../support/script_tree.mjs';

const kDebian = { skip: /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8')) ? false : '--check is for Debian' };
const kServer = `echo "a word in the log" >&2; echo '{"event":"ready","rtmp":"127.0.0.1:1","http":"127.0.0.1:2","api":"127.0.0.1:3"}'
echo $$ >server.pid; exec sleep 600`;
let tree;

beforeEach(() => {
  tree = new ScriptTree();
  tree.copy('installer/demo.sh', 'installer/steps.sh');
  tree.emptyPackageLists('build', 'run', 'check');
  for (const file of ['package-lock.json', 'node_modules/.installed']) tree.write(`tests/e2e/${file}`, '{}');
  tree.write('tests/support/clip.mjs', '');
  tree.write('temporary/none', '');
  for (const name of ['cmake', 'ninja']) tree.program(name);
  tree.program('liveserverd', kServer, 'build/release/bin');
});
afterEach(() => tree.remove());

function check() {
  const { status, stderr } = spawnSync('bash', [tree.at('installer/demo.sh'), '--check'],
    { env: { ...tree.environment, TMPDIR: tree.at('temporary') }, encoding: 'utf8' });
  assert.deepEqual(readdirSync(tree.at('temporary')), ['none']);
  return { status, output: stderr, log: readFileSync(stderr.match(/log: (\S+)/)?.[1] ?? '/dev/null', 'utf8') };
}

// The driver of the browser goes on after SIGTERM: it only closes the browser.
test('a check that is told to stop stops what plays, then the server, at once', kDebian, async () => {
  tree.write('tests/e2e/check.mjs', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('pid', process.pid);");
  const { script, pid, exited } = await tree.running(tree.at('installer/demo.sh'), '--check');
  script.kill('SIGTERM');
  await goes(pid);
  const [status] = await exited;
  assert.equal(status, 130);
  await goes(Number(readFileSync(tree.at('server.pid'), 'utf8')));
});

test('a check that fails keeps the log of the server and says where', kDebian, () => {
  tree.write('tests/e2e/check.mjs', "console.error('check: 3 stalls'); process.exit(1);");
  const { status, output, log } = check();
  assert.equal(status, 1);
  assert.match(output, /check: 3 stalls/);
  assert.equal(log, 'a word in the log\n', output);
});

test('a check whose server does not start keeps its log and says where', kDebian, () => {
  tree.program('liveserverd', 'echo "no port" >&2; exit 1', 'build/release/bin');
  const { status, output, log } = check();
  assert.equal(status, 1);
  assert.equal(log, 'no port\n', output);
});
