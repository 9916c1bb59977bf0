// Looks at a stream's multivariant playlist without playing it.

const kTimeoutMs = 12_000;  // the server holds the answer for up to 10 s while a broadcast is about to start

// The part of a media playlist's address that names the broadcast: "{broadcast_id}/{rendition}/index.m3u8" → the first
// component; an absolute address gives everything before the rendition.
export function broadcastOf(uri, masterUrl) {
  const media = new URL(uri, masterUrl).href;
  return media.split('/').slice(0, -2).join('/');
}

// {state: 'offline'} for 404 and 410, {state: 'unreachable', status} for anything else that is not a playlist,
// {state: 'available', broadcast} otherwise. Never throws.
export async function look(masterUrl) {
  try {
    const response = await fetch(masterUrl, { cache: 'no-store', signal: AbortSignal.timeout(kTimeoutMs) });
    if (response.status === 404 || response.status === 410) return { state: 'offline' };
    if (!response.ok) return { state: 'unreachable', status: response.status };
    const uri = (await response.text()).split('\n').map((line) => line.trim()).find((line) => line && !line.startsWith('#'));
    return uri ? { state: 'available', broadcast: broadcastOf(uri, masterUrl) } : { state: 'unreachable', status: response.status };
  } catch {
    return { state: 'unreachable', status: 0 };
  }
}
