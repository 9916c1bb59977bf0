// A liveserverd whose listening sockets outlive it, as under a service manager: keep_running.sh holds them and runs the server
// again whenever it has ended cleanly. (systemd-socket-activate could not: it becomes the server, and the sockets end with it.)
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const kNames = ['rtmp', 'http', 'api'];
const kScript = fileURLToPath(new URL('keep_running.sh', import.meta.url));

async function listening() {
  const socket = createServer();
  await new Promise((resolve) => socket.listen(0, '127.0.0.1', resolve));
  return socket;
}

export class KeptServer {
  #keeper;
  #pid = null;
  #ready = null;
  #waiting = [];

  static async start({ binary, settings = {} }) {
    const server = new KeptServer();
    server.stateDir = await mkdtemp(path.join(tmpdir(), 'liveserver-'));
    server.logFile = path.join(server.stateDir, 'server.log');
    await server.#spawn(binary, settings);
    return server;
  }

  get pid() { return this.#pid; }
  get http() { return `http://${this.#ready.http}`; }
  get api() { return `http://${this.#ready.api}`; }
  async token() { return (await readFile(path.join(this.stateDir, 'admin.token'), 'utf8')).trim(); }
  async log() { return readFile(this.logFile, 'utf8'); }

  async #spawn(binary, settings) {
    const sockets = await Promise.all(kNames.map(listening));
    const own = Object.fromEntries(kNames.map((name, i) => [`${name}.listen`, `127.0.0.1:${sockets[i].address().port}`]));
    const set = Object.entries({ ...own, ...settings }).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    this.#keeper = spawn(kScript, [kNames.join(':'), binary, 'serve', '--state-dir', this.stateDir, ...set],
      { stdio: ['ignore', 'pipe', 'pipe', ...sockets.map((socket) => socket._handle.fd)] });
    for (const socket of sockets) socket.close();  // the script has them now
    this.#keeper.stderr.pipe(createWriteStream(this.logFile, { flags: 'a' }));
    this.exited = once(this.#keeper, 'exit');
    createInterface({ input: this.#keeper.stdout }).on('line', (line) => this.#onLine(line));
    await this.#next('ready');
  }

  #onLine(line) {
    const said = line.startsWith('{') ? JSON.parse(line) : {};
    if (said.event === 'started') this.#pid = said.pid;
    if (said.event === 'ready') this.#ready = said;
    for (const { event, resolve } of [...this.#waiting]) if (event === said.event) resolve({ ...said, at: Date.now() });
  }

  async #next(event, timeoutMs = 20_000) {
    let waiting, slow;
    const said = await new Promise((resolve) => {
      waiting = { event, resolve };
      this.#waiting.push(waiting);
      slow = setTimeout(() => resolve(null), timeoutMs);
    });
    clearTimeout(slow);
    this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
    if (!said) throw new Error(`liveserverd: no "${event}" within ${timeoutMs / 1000} s:\n${(await this.log().catch(() => '')).slice(-3000)}`);
    return said;
  }

  // A planned restart: SIGTERM, the same program again. {code, exitMs, readyMs}: both times count from the signal.
  async restart() {
    const ends = Promise.all([this.#next('exited'), this.#next('ready')]);
    const signalled = Date.now();
    process.kill(this.#pid, 'SIGTERM');
    const [exited, ready] = await ends;
    return { code: exited.code, exitMs: exited.at - signalled, readyMs: ready.at - signalled };
  }

  async dispose() {
    const slow = setTimeout(() => { this.#keeper.kill('SIGKILL'); process.kill(this.#pid, 'SIGKILL'); }, 15_000);
    this.#keeper.kill('SIGTERM');
    await this.exited;
    clearTimeout(slow);
    await rm(this.stateDir, { recursive: true, force: true });
  }
}
