// A tree of its own for a script of this one, with programs in front of the machine's: nothing is installed or compiled.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const source = fileURLToPath(new URL('../..', import.meta.url));

export class ScriptTree {
  #path = mkdtempSync(path.join(tmpdir(), 'tree-'));

  at(...names) {
    return path.join(this.#path, ...names);
  }

  // Copies of files of the source.
  copy(...files) {
    for (const file of files) copyFileSync(path.join(source, file), this.#madeFor(file));
  }

  write(file, text) {
    writeFileSync(this.#madeFor(file), text);
  }

  // No package is needed.
  emptyPackageLists(...lists) {
    for (const list of lists) this.write(`installer/packages/${list}.txt`, '');
  }

  // A shell script in place of the machine's program; without a text it does nothing and succeeds.
  program(name, text = '', folder = 'bin') {
    this.write(`${folder}/${name}`, `#!/bin/sh\n${text}\n`);
    chmodSync(this.at(folder, name), 0o755);
  }

  get environment() {
    return { ...process.env, PATH: `${this.at('bin')}:${process.env.PATH}` };
  }

  // A script, in a process group of its own as a terminal would give it, once a program in it has said "pid NUMBER".
  async running(...words) {
    const script = spawn('bash', words, { cwd: this.at(), env: this.environment, detached: true });
    const exited = once(script, 'exit');
    let output = '';
    const pid = await new Promise((resolve, reject) => {
      for (const stream of [script.stdout, script.stderr]) {
        stream.setEncoding('utf8').on('data', (text) => {
          output += text;
          const found = output.match(/^ *pid (\d+)$/m);
          if (found) resolve(Number(found[1]));
        });
      }
      exited.then(() => reject(new Error(`ended early: ${output}`)));
    });
    return { script, pid, exited };
  }

  remove() {
    rmSync(this.#path, { recursive: true });
  }

  #madeFor(file) {
    mkdirSync(path.dirname(this.at(file)), { recursive: true });
    return this.at(file);
  }
}

// False for one that has ended and that nobody has asked about yet, too.
function isRunning(pid) {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

// Waits for the end of a process that has been told to stop.
export async function goes(pid) {
  for (const deadline = Date.now() + 5000; isRunning(pid); await setImmediate()) {
    if (Date.now() < deadline) continue;
    process.kill(pid, 'SIGKILL');
    assert.fail('it goes on');
  }
}
