// A liveserverd of our own: fresh state, free ports, stopped by its process id.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const kReadyMs = 20_000;

export class Server {
  #process;
  #ready;

  // settings: {'section.key': value}; descriptors: how many it may have open; keep: do not remove the state directory at the end.
  static async start({ binary, stateDir, settings = {}, descriptors, keep = false }) {
    const server = new Server();
    server.ownsState = !stateDir && !keep;
    server.stateDir = stateDir ?? (await mkdtemp(path.join(tmpdir(), 'liveserver-')));
    server.logFile = path.join(server.stateDir, 'server.log');
    server.settings = { 'rtmp.listen': '127.0.0.1:0', 'http.listen': '127.0.0.1:0', 'api.listen': '127.0.0.1:0', ...settings };
    server.binary = binary;
    server.descriptors = descriptors;
    await server.#spawn();
    return server;
  }

  get pid() { return this.#process.pid; }
  get rtmp() { return `rtmp://${this.#ready.rtmp}`; }
  get http() { return `http://${this.#ready.http}`; }
  get api() { return `http://${this.#ready.api}`; }
  get ready() { return this.#ready; }
  async token() { return (await readFile(path.join(this.stateDir, 'admin.token'), 'utf8')).trim(); }
  async log() { return readFile(this.logFile, 'utf8'); }

  #launch() {
    const set = Object.entries(this.settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    const command = [this.binary, 'serve', '--state-dir', this.stateDir, ...set];
    if (this.descriptors) command.unshift('sh', '-c', `ulimit -n ${this.descriptors}; exec "$@"`, 'sh');
    this.#process = spawn(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process.stderr.pipe(createWriteStream(this.logFile, { flags: 'a' }));
    this.exited = once(this.#process, 'exit');
  }

  async #spawn() {
    this.#launch();
    const lines = createInterface({ input: this.#process.stdout });
    const ready = new Promise((resolve) => {
      lines.on('line', (line) => {
        const event = line.startsWith('{') ? JSON.parse(line) : {};
        if (event.event === 'ready') resolve(event);
      });
    });
    const timeout = new Promise((resolve) => { setTimeout(() => resolve(null), kReadyMs).unref(); });
    this.#ready = await Promise.race([ready, this.exited.then(() => null), timeout]);
    if (this.#ready) return;
    this.#process.kill('SIGKILL');
    const said = await this.log().catch(() => '');
    throw new Error(`liveserverd did not get ready:\n${said.slice(-3000)}`);
  }

  // The same state and the same ports again.
  async restart() {
    Object.assign(this.settings, { 'rtmp.listen': this.#ready.rtmp, 'http.listen': this.#ready.http, 'api.listen': this.#ready.api });
    await this.#spawn();
  }

  // Starts it again and tells it to stop so many ms later, ready or not; gives what stop() gives.
  async startAndStopAfter(ms) {
    this.#launch();
    this.#process.stdout.resume();
    await new Promise((resolve) => { setTimeout(resolve, ms); });
    return this.stop();
  }

  // Gives [exit code, signal]; SIGKILL: it did not stop by itself.
  async stop(signal = 'SIGTERM') {
    this.#process.kill(signal);
    const slow = setTimeout(() => this.#process.kill('SIGKILL'), 12_000);
    const result = await this.exited;
    clearTimeout(slow);
    return result;
  }

  async dispose() {
    if (this.#process.exitCode === null && this.#process.signalCode === null) await this.stop();
    if (this.ownsState) await rm(this.stateDir, { recursive: true, force: true });
  }
}
