// A tree of its own for a script of this one, with programs in front of the machine's: nothing is installed or compiled.
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
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
  program(name, text = '') {
    this.write(`bin/${name}`, `#!/bin/sh\n${text}\n`);
    chmodSync(this.at('bin', name), 0o755);
  }

  get environment() {
    return { ...process.env, PATH: `${this.at('bin')}:${process.env.PATH}` };
  }

  remove() {
    rmSync(this.#path, { recursive: true });
  }

  #madeFor(file) {
    mkdirSync(path.dirname(this.at(file)), { recursive: true });
    return this.at(file);
  }
}
