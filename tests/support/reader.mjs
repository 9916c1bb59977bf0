// Reads the frame number off a playing video, inside the page, for every frame that is presented.
import { decode, kCells, kRow } from './cells.mjs';

// Runs in the page. Leaves window.clipReader = {frames: [{number, at, height}], unreadable}; `at` is Unix time in ms when the
// frame is on the screen.
function install({ row, cells, decodeSource }) {
  const decodeNumber = (0, eval)(`(${decodeSource})`);
  const video = document.querySelector('video');
  const side = 8;
  const canvas = Object.assign(document.createElement('canvas'), { width: cells * side, height: side });
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const seen = { frames: [], unreadable: 0 };
  const brightnessOf = (pixels, cell) => {
    let sum = 0;  // of the middle of the cell; its edges are smeared by scaling
    for (let y = 2; y < 6; ++y) for (let x = 2; x < 6; ++x) sum += pixels[((y * cells + cell) * side + x) * 4 + 1];
    return sum / 16;
  };
  const onFrame = (now, { expectedDisplayTime }) => {
    video.requestVideoFrameCallback(onFrame);
    const [w, h] = [video.videoWidth, video.videoHeight];
    context.drawImage(video, w * row.left, h * row.top, w * row.width, h * row.height, 0, 0, canvas.width, side);
    const { data } = context.getImageData(0, 0, canvas.width, side);
    const number = decodeNumber(Array.from({ length: cells }, (_, cell) => brightnessOf(data, cell)));
    const at = Date.now() + Math.max(0, expectedDisplayTime - performance.now());
    if (number === null) ++seen.unreadable;
    else seen.frames.push({ number, at, height: h });
  };
  video.requestVideoFrameCallback(onFrame);
  window.clipReader = seen;
}

export function installReader(page) {
  return page.evaluate(install, { row: kRow, cells: kCells, decodeSource: decode.toString() });
}

export function readFrames(page) {
  return page.evaluate(() => window.clipReader);
}
