// Looks at a stream's multivariant playlist without playing it.

const kTimeoutMs = 12_000;  // the server holds the answer for up to 10 s while a broadcast is about to start

// The part of a media playlist's address that names the broadcast: "{broadcast_id}/{rendition}/index.m3u8" → the first
// component; an absolute address gives everything before the rendition.
export function broadcastOf(uri, masterUrl) {
  const media = new URL(uri, masterUrl).href;
  return media.split('/').slice(0, -2).join('/');
}

// What an answer without a playlist means: 404 and 410 'offline'; 401 and 403 'refused'; 429 and 5xx 'busy', the server is there but
// cannot give it out now; anything else, and 0 for no answer at all, 'unreachable'.
export function stateOf(status) {
  if (status === 404 || status === 410) return 'offline';
  if (status === 401 || status === 403) return 'refused';
  return status === 429 || status >= 500 ? 'busy' : 'unreachable';
}

// {state: 'available', broadcast}, or stateOf() what came instead. Never throws.
export async function look(masterUrl) {
  try {
    const response = await fetch(masterUrl, { cache: 'no-store', signal: AbortSignal.timeout(kTimeoutMs) });
    if (!response.ok) return { state: stateOf(response.status) };
    const uri = (await response.text()).split('\n').map((line) => line.trim()).find((line) => line && !line.startsWith('#'));
    return uri ? { state: 'available', broadcast: broadcastOf(uri, masterUrl) } : { state: 'unreachable' };
  } catch {
    return { state: stateOf(0) };
  }
}
