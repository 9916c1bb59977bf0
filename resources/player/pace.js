// How fast to play so that a viewer who fell a little behind gets back to where the server wants players to be. hls.js has
// such a rate too, but only while more than a second is buffered, which a low-latency stream never has.

export const kMaxRate = 1.05;  // nobody hears or sees it
const kStartS = 0.12;  // behind the target by this much: begin
const kStopS = 0.03;   // and go on until this little is left
const kDvrS = 6;       // further behind than this is not catching up, it is watching something older

// latency, target: seconds behind the server's newest part; buffered: seconds ahead of the picture; part: length of a part in
// seconds; rate: the one in effect. Gives the rate to play at.
export function rateFor({ latency, target, buffered, part, rate }) {
  const behind = latency - target;
  const spare = buffered > 1.5 * part;
  if (!spare || behind > kDvrS) return 1;
  if (rate > 1) return behind > kStopS ? rate : 1;
  return behind > kStartS ? kMaxRate : 1;
}
