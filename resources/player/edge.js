// How far the picture is behind the newest one, read steadily. hls.js counts from the playlist that came last: when one is late
// the number falls by as much, though the picture is no nearer. Here the fastest playlist of the last minute says how long the
// newest part takes to get here; that also makes up for a viewer's clock that is wrong.

const kWindowMs = 60_000;

export class LiveEdge {
  #lags = [];  // {at, lag} with rising lags: the first one is the smallest

  // A playlist came at `now` (ms of any steady clock) whose newest part ends at `date` (ms, the server's time).
  saw(date, now) {
    if (!Number.isFinite(date)) return;
    const lag = now - date;
    while (this.#lags.length && this.#lags.at(-1).lag >= lag) this.#lags.pop();
    this.#lags.push({ at: now, lag });
    while (now - this.#lags[0].at > kWindowMs) this.#lags.shift();
  }

  // Seconds that the picture of `date` is behind at `now`; null before the first playlist.
  behind(date, now) {
    return this.#lags.length ? (now - date - this.#lags[0].lag) / 1000 : null;
  }

  forget() { this.#lags = []; }
}
