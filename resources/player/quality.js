// The quality button and its menu: automatic, or one rendition by height.

export function label({ height, frameRate }) {
  return frameRate > 31 ? `${height}p${Math.round(frameRate)}` : `${height}p`;
}

function bitrateText(bitsPerSecond) {
  return bitsPerSecond >= 1e6 ? `${(bitsPerSecond / 1e6).toFixed(1)} Mbit/s` : `${Math.round(bitsPerSecond / 1e3)} kbit/s`;
}

export class QualityMenu {
  #playback;
  #button = document.getElementById('quality');
  #menu = document.getElementById('quality-menu');
  #built = '';

  constructor(playback) {
    this.#playback = playback;
    playback.addEventListener('change', () => this.#update());
    this.#button.addEventListener('click', () => (this.#menu.hidden ? this.#open() : this.#close()));
    this.#menu.addEventListener('keydown', (event) => this.#onKey(event));
    document.addEventListener('pointerdown', (event) => {
      if (!event.target.closest('.quality')) this.#menu.hidden || this.#close();
    });
  }

  get isOpen() { return !this.#menu.hidden; }

  // n-th best rendition, 0 for automatic; returns what was chosen in words, or null if there is no such rendition.
  choose(n) {
    const rendition = this.#playback.renditions[n - 1];
    if (n !== 0 && !rendition) return null;
    this.#playback.select(n === 0 ? -1 : rendition.index);
    return n === 0 ? 'Quality: automatic' : `Quality: ${label(rendition)}`;
  }

  #open() {
    this.#menu.hidden = false;
    this.#button.setAttribute('aria-expanded', 'true');
    this.#update();
    (this.#menu.querySelector('[aria-checked=true]') ?? this.#menu.firstElementChild)?.focus();
  }

  #close() {
    this.#menu.hidden = true;
    this.#button.setAttribute('aria-expanded', 'false');
    this.#button.focus();
  }

  #update() {
    const { renditions, selected, playing, playable } = this.#playback;
    const now = renditions.find(({ index }) => index === playing);
    document.getElementById('quality-now').textContent = now ? label(now) : 'Auto';
    this.#button.hidden = renditions.length === 0 || !playable;
    const auto = selected === -1;
    this.#build(renditions);
    for (const item of this.#menu.children) {
      item.setAttribute('aria-checked', String(Number(item.dataset.index) === selected));
    }
    const detail = this.#menu.querySelector('[data-index="-1"] small');
    if (detail) detail.textContent = auto && now ? `now ${label(now)}` : 'fits your connection';
  }

  #build(renditions) {
    const key = JSON.stringify(renditions);
    if (key === this.#built) return;
    this.#built = key;
    const rows = [{ index: -1, name: 'Auto', detail: '' },
      ...renditions.map((r) => ({ index: r.index, name: label(r), detail: bitrateText(r.bitrate) }))];
    this.#menu.replaceChildren(...rows.map((row) => this.#item(row)));
  }

  #item({ index, name, detail }) {
    const item = document.createElement('button');
    item.type = 'button';
    item.role = 'menuitemradio';
    item.tabIndex = -1;
    item.dataset.index = index;
    const title = document.createElement('span');
    title.textContent = name;
    const small = document.createElement('small');
    small.textContent = detail;
    item.append(title, small);
    item.addEventListener('click', () => {
      this.#playback.select(index);
      this.#close();
    });
    return item;
  }

  #onKey(event) {
    const items = [...this.#menu.children];
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) items[(to + items.length) % items.length].focus();
    else if (event.key === 'Escape') this.#close();
    else if (event.key === 'Tab') return this.#close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
