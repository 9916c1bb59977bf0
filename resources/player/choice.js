// Which of the levels a viewer means who has once chosen a height: every broadcast, and every load of one, has its own list.

// levels: worst first, each with a height. Gives an index: that height, else the next lower one, else the lowest; -1 (automatic)
// for no height.
export function levelFor(levels, height) {
  if (height === null) return -1;
  return Math.max(levels.findLastIndex((level) => level.height <= height), 0);
}
