// What happened to the video of a page and to its requests, for whoever has to explain a stall.

const kEvents = ['waiting', 'playing', 'seeking', 'ratechange', 'resize'];
const kSlowMs = 1500;
const kBeforeMs = 2000, kAfterMs = 500;  // of a standstill: what was asked for then is told, too

// Runs in the page. Leaves window.hiccups = [{at, what, position, ahead}]: ms since the page was opened; seconds, the last of them
// how much was buffered from there on.
function install(events) {
  const video = document.querySelector('video');
  window.hiccups = [];
  performance.setResourceTimingBufferSize(10_000);
  for (const what of events) {
    video.addEventListener(what, () => {
      const { buffered, currentTime: position } = video;
      const end = [...Array(buffered.length).keys()].map((i) => buffered.end(i)).find((each) => each >= position) ?? position;
      window.hiccups.push({ at: performance.now(), what, position, ahead: end - position });
    });
  }
}

export function installHiccups(page) {
  return page.evaluate(install, kEvents);
}

// One line each, in the order of time; requests that failed, were slow or came with a standstill among them.
export async function readHiccups(page) {
  const { hiccups, requests } = await page.evaluate(() => ({
    hiccups: window.hiccups,
    requests: performance.getEntriesByType('resource').map(({ name, startTime, duration, responseStatus }) => ({ name, startTime, duration, responseStatus })),
  }));
  const waits = hiccups.filter(({ what }) => what === 'waiting');
  const isNear = (time) => waits.some(({ at }) => time > at - kBeforeMs && time < at + kAfterMs);
  const told = requests.filter(({ startTime, duration, responseStatus }) => duration > kSlowMs || responseStatus >= 400 || isNear(startTime));
  return [
    ...hiccups.map(({ at, what, position, ahead }) => ({ at, text: `${what} at ${position.toFixed(2)}, ${ahead.toFixed(2)} s ahead` })),
    ...told.map(({ name, startTime, duration, responseStatus }) => ({
      at: startTime, text: `${responseStatus} after ${Math.round(duration)} ms for ${name.split('/').slice(-2).join('/')}`,
    })),
  ].sort((a, b) => a.at - b.at).map(({ at, text }) => `${(at / 1000).toFixed(2)} s: ${text}`);
}
