// Keyboard shortcuts; the page's shortcut sheet lists them.

const kSeekS = 5;
const kVolumeStep = 0.05;

export function bindKeys(playback, controls, quality) {
  const say = (text) => { if (text) controls.flash(text); };
  const keys = {
    ' ': () => playback.toggle(),
    k: () => playback.toggle(),
    m: () => controls.mute(),
    f: () => controls.fullscreen(),
    l: () => playback.goLive(),
    '?': () => controls.sheet(),
    ArrowLeft: () => playback.seekBy(-kSeekS),
    ArrowRight: () => playback.seekBy(kSeekS),
    ArrowUp: () => controls.changeVolume(kVolumeStep),
    ArrowDown: () => controls.changeVolume(-kVolumeStep),
  };
  for (let n = 0; n <= 9; ++n) keys[n] = () => say(quality.choose(n));

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || quality.isOpen) return;
    if (document.getElementById('sheet').open && event.key !== '?') return;
    const onButton = event.target instanceof HTMLButtonElement && event.key === ' ';
    const onSlider = event.target instanceof HTMLInputElement && event.key.startsWith('Arrow');
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || onButton || onSlider) return;
    event.preventDefault();
    act();
  });
}
