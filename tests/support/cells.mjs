// The machine-readable frame number in the clip: a row of black and white cells. Shared by the renderer (clip.mjs) and the
// reader, which runs inside the page (reader.mjs hands these functions over).
//
// 28 cells: white, black (tell the levels), 24 bits of the number, most significant first, then the parity of the even and
// of the odd bits. A row that was cut, blended with its neighbour frame or hidden fails the parity.

export const kCells = 28;
export const kBits = 24;

// Where the row lies, as fractions of the picture, so that it is found again in every rendition.
export const kRow = { left: 0.08, width: 0.84, top: 0.9, height: 0.05 };

export function encode(number) {
  const cells = [1, 0];
  const parity = [0, 0];
  for (let bit = kBits - 1; bit >= 0; --bit) {
    const value = Math.floor(number / 2 ** bit) % 2;
    cells.push(value);
    parity[bit % 2] ^= value;
  }
  return [...cells, ...parity];
}

// brightness: kCells means, any scale. null when it is not a frame number.
export function decode(brightness) {
  const [white, black] = brightness;
  if (white - black < 60) return null;
  const middle = (white + black) / 2;
  let number = 0;
  const parity = [0, 0];
  for (let i = 0; i < 24; ++i) {
    const value = brightness[2 + i] > middle ? 1 : 0;
    number = number * 2 + value;
    parity[(23 - i) % 2] ^= value;
  }
  const even = brightness[26] > middle ? 1 : 0;
  const odd = brightness[27] > middle ? 1 : 0;
  return even === parity[0] && odd === parity[1] ? number : null;
}
