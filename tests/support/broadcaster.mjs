// A real broadcaster: the ffmpeg program pushes the clip over RTMP, over and over, and we know when each frame left.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export class Broadcaster {
  #process;
  #settings;
  #startedAt = Infinity;
  #frames = 0;
  #errors = '';

  constructor(clipFile, settings, url, { extra = [] } = {}) {
    this.#settings = settings;
    this.#process = spawn('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-nostdin', '-re', '-stream_loop', '-1', '-i', clipFile,
      '-c', 'copy', ...extra, '-f', 'flv', '-flvflags', 'no_duration_filesize', '-progress', 'pipe:1', '-stats_period', '0.1', url],
    { stdio: ['ignore', 'pipe', 'pipe'] });
    this.exited = once(this.#process, 'exit');
    this.#process.stderr.on('data', (data) => { this.#errors = (this.#errors + data).slice(-4000); });
    createInterface({ input: this.#process.stdout }).on('line', (line) => this.#onProgress(line));
  }

  get pid() { return this.#process.pid; }
  get errors() { return this.#errors; }  // the end of what ffmpeg complained about
  get frames() { return this.#frames; }
  get running() { return this.#process.exitCode === null && this.#process.signalCode === null; }

  // Unix time in ms at which frame 0 left; Infinity before ffmpeg's first report. ffmpeg paces frame n to n / rate after
  // its start, so every report "n frames are out" bounds that start from above; the smallest is right to a few ms.
  get startedAt() { return this.#startedAt; }

  #onProgress(line) {
    const match = line.match(/^frame=\s*(\d+)/);
    if (!match || Number(match[1]) === 0) return;
    this.#frames = Number(match[1]);
    this.#startedAt = Math.min(this.#startedAt, Date.now() - ((this.#frames - 1) / this.#settings.rate) * 1000);
  }

  async started(timeoutMs = 15_000) {
    const deadline = Date.now() + timeoutMs;
    while (this.#startedAt === Infinity) {
      if (!this.running) throw new Error(`the broadcaster stopped: ${this.#errors.trim()}`);
      if (Date.now() > deadline) throw new Error('the broadcaster sent nothing');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return this;
  }

  // How old, in seconds, the frame with this number was at this time. The clip's length is the horizon.
  ageOf(number, at) {
    const { rate, seconds } = this.#settings;
    const age = (at - this.#startedAt) / 1000 - number / rate;
    return age - Math.floor(age / seconds) * seconds;
  }

  // Like a broadcaster who presses "stop": ffmpeg unpublishes and closes.
  async stop() {
    if (this.running) this.#process.kill('SIGINT');
    const slow = setTimeout(() => this.#process.kill('SIGKILL'), 5000);
    await this.exited;
    clearTimeout(slow);
  }

  // Like a cut cable, as far as loopback has one: the process is gone without a goodbye.
  async kill() {
    if (this.running) this.#process.kill('SIGKILL');
    await this.exited;
  }
}
