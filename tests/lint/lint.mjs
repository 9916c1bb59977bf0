// Checks of the source that no compiler makes: node tests/lint/lint.mjs text|layers|folders|locks|shell|format
// Prints one line for each finding and exits 1 if there is any.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { mayInclude, mayUseLibav, mayUseQt } from './layers.mjs';

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n').filter((file) => file && existsSync(file));
const isBinary = (file) => /\.(png|ico|mp4|flv|bin|woff2?)$/.test(file) || file.includes('/corpus/') || file.includes('/golden/');
const sources = files.filter((file) => /\.(cpp|h)$/.test(file));
const findings = [];
const find = (file, line, message) => findings.push(`${file}:${line}: ${message}`);

function eachLine(file, visit) {
  readFileSync(file, 'utf8').split('\n').forEach((text, index) => visit(text, index + 1));
}

// Leftovers, machines' own paths, documents that are not in the tree, addresses of package servers.
function text() {
  const documents = new Set(files.filter((file) => file.endsWith('.md')).map((file) => path.basename(file)));
  const leftover = new RegExp(['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].map((word) => `\\b${word}\\b`).join('|'));
  for (const file of files.filter((name) => !isBinary(name) && name !== 'LICENSE')) {
    eachLine(file, (line, number) => {
      if (leftover.test(line)) find(file, number, 'a note to finish something: finish it or open an issue');
      if (/(^|[\s"'(=])\/(home\/(?!x\b|user\b)|root\/|work\/|mnt\/|Users\/)/.test(line)) find(file, number, 'a path of one machine');
      if (/"resolved":/.test(line) && file.endsWith('package-lock.json')) find(file, number, 'a lock that names a package server');
      if (/[ \t]+$/.test(line) && !file.endsWith('.md')) find(file, number, 'space at the end of the line');
      if (/\t/.test(line) && /\.(cpp|h|mjs|js|sh|css|html|txt)$/.test(file)) find(file, number, 'a tab');
      for (const [name] of line.matchAll(/\b[A-Za-z][\w-]*\.md\b/g)) {
        if (!documents.has(name)) find(file, number, `names ${name}, which is not in the tree`);
      }
    });
  }
}

// Who may include whom, see README.md, Layout.
function layers() {
  for (const file of sources) {
    eachLine(file, (line, number) => {
      const own = line.match(/^\s*#\s*include\s+"([^"]+)"/)?.[1];
      const foreign = line.match(/^\s*#\s*include\s+<([^>]+)>/)?.[1];
      if (own && own.includes('/') && !mayInclude(file, own)) find(file, number, `must not include ${own}`);
      if (foreign && /^Q[A-Z]|^Qt/.test(foreign) && !mayUseQt(file)) find(file, number, `Qt (${foreign}) is not for this folder`);
      if (foreign && /^lib(av|sw)/.test(foreign) && !mayUseLibav(file)) find(file, number, `${foreign} belongs to common/av and server/ffmpeg`);
    });
  }
}

// Every folder that is a library says what it is for.
function folders() {
  for (const file of files.filter((name) => name.endsWith('CMakeLists.txt'))) {
    if (!/^\s*live_library\(/m.test(readFileSync(file, 'utf8'))) continue;
    const folder = path.dirname(file);
    const readme = [path.join(folder, 'README.md'), path.join(folder, '..', 'README.md')].find((name) => existsSync(name));
    if (!readme) find(folder, 1, 'has no README.md');
    else if (readFileSync(readme, 'utf8').split('\n').length > 80) find(readme, 1, 'is long for a folder README: say what it is for, not how it works');
  }
}

// Debian 12 and Ubuntu 24.04 bring Node 18: a package that wants a later one would stop everybody who has no other.
function locks() {
  const oldest = [18, 19, 0];
  const isAtMost = (version) => {
    const wanted = version.split('.').map(Number);
    const index = oldest.findIndex((part, place) => part !== (wanted[place] || 0));
    return index < 0 || (wanted[index] || 0) < oldest[index];
  };
  const admits = (range) => range.split('||').some((choice) => {
    const [, sign, version] = choice.trim().match(/^(>=|>|\^|~)?\s*v?([\d.]+)/) ?? [];
    if (!version) return true;
    return isAtMost(version) && (sign === '>=' || sign === '>' || version.split('.')[0] === String(oldest[0]));
  });
  for (const file of files.filter((name) => path.basename(name) === 'package-lock.json')) {
    for (const [name, { engines }] of Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages)) {
      const range = engines?.node;
      if (range && !admits(range)) find(file, 1, `${name} wants Node ${range}: take a version that runs on ${oldest.join('.')}`);
    }
  }
}

function tool(command, args, hint) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (error) find(command, 0, `cannot be run: ${hint}`);
  else if (status !== 0) findings.push(`${stdout}${stderr}`.trim());
}

function shell() {
  const scripts = files.filter((file) => file.endsWith('.sh') || file === '.ci/run');
  tool('shellcheck', ['--external-sources', '--source-path=SCRIPTDIR', ...scripts], 'apt install shellcheck');
}

function format() {
  // One process for all files: each would load the compiler's libraries again.
  const { stderr, error } = spawnSync('clang-format-19', ['--dry-run', ...sources], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (error) return find('clang-format-19', 0, 'cannot be run: apt install clang-format-19');
  const unformatted = new Set([...stderr.matchAll(/^(.+?):\d+:\d+: warning: /gm)].map(([, file]) => file));
  for (const file of unformatted) find(file, 1, `is not formatted: clang-format-19 -i ${file}`);
}

const checks = { text, layers, folders, locks, shell, format };
const check = checks[process.argv[2]];
if (!check) {
  console.error(`usage: lint.mjs ${Object.keys(checks).join('|')}`);
  process.exit(2);
}
check();
for (const finding of findings) console.log(finding);
console.log(findings.length ? `${findings.length} findings` : 'clean');
process.exit(findings.length ? 1 : 0);
