// What happened to the video of a page and to its requests, for whoever has to explain a stall.

const kEvents = ['waiting', 'playing', 'seeking', 'ratechange', 'resize'];
const kSlowMs = 1500;

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

// One line each, in the order of time; requests that failed or were slow among them.
export async function readHiccups(page) {
  const { hiccups, requests } = await page.evaluate(() => ({
    hiccups: window.hiccups,
    requests: performance.getEntriesByType('resource').map(({ name, startTime, duration, responseStatus }) => ({ name, startTime, duration, responseStatus })),
  }));
  const troubled = requests.filter(({ duration, responseStatus }) => duration > kSlowMs || responseStatus >= 400);
  return [
    ...hiccups.map(({ at, what, position, ahead }) => ({ at, text: `${what} at ${position.toFixed(2)}, ${ahead.toFixed(2)} s ahead` })),
    ...troubled.map(({ name, startTime, duration, responseStatus }) => ({
      at: startTime, text: `${responseStatus} after ${Math.round(duration)} ms for ${name.split('/').slice(-2).join('/')}`,
    })),
  ].sort((a, b) => a.at - b.at).map(({ at, text }) => `${(at / 1000).toFixed(2)} s: ${text}`);
}
