// Paints the frames of the test clip as yuv420p: slow light over a dark ground, a running time, a sweeping ring and the
// cells that carry the frame number.
import { encode, kCells, kRow } from './cells.mjs';

// Segments a…g of a seven-segment digit as boxes in a 10 × 18 cell: x, y, width, height.
const kSegments = { a: [2, 0, 6, 2], b: [8, 1, 2, 7.5], c: [8, 9.5, 2, 7.5], d: [2, 16, 6, 2], e: [0, 9.5, 2, 7.5], f: [0, 1, 2, 7.5], g: [2, 8, 6, 2] };
const kDigits = ['abcdef', 'bc', 'abged', 'abgcd', 'fgbc', 'afgcd', 'afgedc', 'abc', 'abcdefg', 'abcdfg'];

export class Painter {
  #width; #height; #rate; #wave; #dither;

  constructor(width, height, rate) {
    this.#width = width;
    this.#height = height;
    this.#rate = rate;
    this.#wave = Float32Array.from({ length: 4096 }, (_, i) => Math.sin((i / 4096) * 2 * Math.PI));
    let seed = 1;  // fixed noise against banding; the same clip every time
    this.#dither = Float32Array.from({ length: 8191 }, () => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed / 2147483648;
    });
  }

  frame(n) {
    const seconds = n / this.#rate;
    const picture = Buffer.allocUnsafe((this.#width * this.#height * 3) / 2);
    this.#ground(picture, seconds);
    this.#ring(picture, seconds);
    this.#time(picture, seconds);
    this.#number(picture, n);
    return picture;
  }

  #sin(turns) {
    return this.#wave[((turns - Math.floor(turns)) * 4096) | 0];
  }

  // Sums of functions of x, y and x+y alone: three tables a frame instead of a sine a pixel.
  #ground(picture, t) {
    const [w, h] = [this.#width, this.#height];
    const across = Float32Array.from({ length: w }, (_, x) => 15 * this.#sin(x / w * 0.9 + t / 16));
    const down = Float32Array.from({ length: h }, (_, y) => 13 * this.#sin(y / h * 0.8 - t / 8 + 0.2));
    const slant = Float32Array.from({ length: w + h }, (_, s) => 62 + 12 * this.#sin(s / (w + h) * 1.6 + t / 8));
    const dither = this.#dither;
    for (let y = 0, at = 0, noise = 0; y < h; ++y) {
      const row = down[y];
      for (let x = 0; x < w; ++x) {
        picture[at++] = across[x] + row + slant[x + y] + dither[noise];
        noise = noise === 8190 ? 0 : noise + 1;
      }
    }
    const blue = w * h, red = blue + (w * h) / 4;
    for (let y = 0, at = 0; y < h; y += 2) {
      for (let x = 0; x < w; x += 2, ++at) {
        const light = across[x] + down[y];
        picture[blue + at] = 140 + light * 0.35 + dither[at % 8191];
        picture[red + at] = 120 - light * 0.3 + (slant[x + y] - 62) * 0.5 + dither[(at + 4000) % 8191];
      }
    }
  }

  // A ring that fills once in two seconds, as a group of pictures does, with a bright head.
  #ring(picture, t) {
    const radius = this.#height * 0.36, thickness = this.#height * 0.009;
    const [cx, cy] = [this.#width / 2, this.#height * 0.45];
    const steps = Math.round(radius * 2 * Math.PI * 0.8);
    const head = (t / 2) % 1;
    for (let i = 0; i < steps; ++i) {
      const turn = i / steps, ago = (head - turn + 1) % 1;
      const [x, y] = [cx + radius * this.#sin(turn), cy - radius * this.#sin(turn + 0.25)];
      const bright = ago < 0.02;
      const size = bright ? thickness * 2 : thickness;
      this.#box(picture, x - size / 2, y - size / 2, size, size, bright ? 235 : 64 + 120 * (1 - ago) ** 2, bright ? 128 : 152, bright ? 128 : 104);
    }
  }

  #time(picture, t) {
    const unit = this.#height * 0.0072;
    const text = [t / 600, (t / 60) % 10, ':', (t % 60) / 10, t % 10, '.', (t * 10) % 10, (t * 100) % 10];
    const widths = text.map((glyph) => (typeof glyph === 'string' ? 5 : 13));
    let x = this.#width / 2 - (widths.reduce((sum, width) => sum + width, -3) / 2) * unit;
    const y = this.#height * 0.45 - 9 * unit;
    text.forEach((glyph, i) => {
      if (glyph === ':') for (const dot of [4.5, 11.5]) this.#box(picture, x, y + dot * unit, 2 * unit, 2 * unit, 225);
      else if (glyph === '.') this.#box(picture, x, y + 16 * unit, 2 * unit, 2 * unit, 225);
      else for (const s of kDigits[Math.floor(glyph + 1e-6) % 10]) {
        const [sx, sy, sw, sh] = kSegments[s];
        this.#box(picture, x + sx * unit, y + sy * unit, sw * unit, sh * unit, 225);
      }
      x += widths[i] * unit;
    });
  }

  #number(picture, n) {
    const [w, h] = [this.#width, this.#height];
    const edge = h * 0.012;  // a dark frame keeps the neighbourhood from bleeding in when the picture is scaled down
    this.#box(picture, w * kRow.left - edge, h * kRow.top - edge, w * kRow.width + 2 * edge, h * kRow.height + 2 * edge, 16);
    const cell = (w * kRow.width) / kCells;
    encode(n).forEach((value, i) => this.#box(picture, w * kRow.left + i * cell, h * kRow.top, cell, h * kRow.height, value ? 235 : 16));
  }

  #box(picture, x, y, width, height, luma, cb = 128, cr = 128) {
    const [w, h] = [this.#width, this.#height];
    const [x0, x1] = [Math.round(x), Math.round(x + width)];
    const [y0, y1] = [Math.round(y), Math.round(y + height)];
    for (let row = Math.max(0, y0); row < Math.min(h, y1); ++row) picture.fill(luma, row * w + x0, row * w + Math.min(w, x1));
    const blue = w * h, red = blue + (w * h) / 4;
    for (let row = y0 >> 1; row < Math.min(h, y1) >> 1; ++row) {
      picture.fill(cb, blue + (row * w) / 2 + (x0 >> 1), blue + (row * w) / 2 + (Math.min(w, x1) >> 1));
      picture.fill(cr, red + (row * w) / 2 + (x0 >> 1), red + (row * w) / 2 + (Math.min(w, x1) >> 1));
    }
  }
}
