// How hls.js is asked to behave. Found by playing through refused connections, 503s, restarts and shed renditions.

// Everything that may pass is retried: time-outs, no answer at all (status 0), 408, 429 and 5xx. A 404 is not: it means that
// this rendition is gone for now, and the player must switch at once.
function mayPass(code, isTimeout) {
  return isTimeout || code === undefined || code === 0 || code === 408 || code === 429 || code >= 500;
}

function policy(maxTimeToFirstByteMs, onRetry) {
  const retry = {
    maxNumRetry: 200,
    retryDelayMs: 500,
    maxRetryDelayMs: 1000,
    backoff: 'linear',
    shouldRetry(config, count, isTimeout, response) {
      const code = response?.code;
      const again = count < config.maxNumRetry && mayPass(code, isTimeout);
      if (again) onRetry?.(code ?? 0);
      return again;
    },
  };
  return { default: { maxTimeToFirstByteMs, maxLoadTimeMs: 20000, timeoutRetry: retry, errorRetry: retry } };
}

// A playlist request is held by the server for up to three target durations, hence the long first byte. A multivariant
// that answers 404 belongs to a stream that is offline: the page says so and looks again by itself.
export function hlsSettings({ onManifestRetry }) {
  return {
    lowLatencyMode: true,
    enableWorker: false,  // fMP4 is passed on as it is; to start workers takes longer than everything they would do
    maxLiveSyncPlaybackRate: 1,  // pace.js catches up instead
    liveSyncOnStallIncrease: 0,  // would be for good: a second a stall, long after what caused it is over
    backBufferLength: 60,
    capLevelToPlayerSize: true,
    startLevel: -1,
    abrEwmaDefaultEstimate: 4_000_000,
    testBandwidth: false,
    manifestLoadPolicy: policy(15000, onManifestRetry),
    playlistLoadPolicy: policy(12000),
    fragLoadPolicy: policy(10000),
  };
}
