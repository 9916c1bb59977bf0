// The data plane as the control plane sees it. Any thread may call; nothing here blocks.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/error.h"
#include "common/model/stream.h"
#include "server/stream/policy.h"

namespace live::stream {

// What is optional is not set until it was measured, or where there is nothing to measure.
struct InputStats {
    std::string role = "primary";
    std::string protocol;  // "rtmp"
    std::string peer;      // "address:port"
    std::string encoder;
    bool isConnected = false;
    UnixTime since{};
    std::string videoCodec;  // RFC 6381, "avc1.64001f"; empty without video
    std::string audioCodec;  // "mp4a.40.2"; empty without audio
    std::uint32_t width = 0, height = 0;
    std::optional<double> frameRate;   // measured over the last seconds
    BitsPerSecond bitrate = 0;         // measured over the last seconds
    std::optional<double> gopSeconds;  // distance of the last two key frames
    std::optional<double> driftPpm;    // the input's clock against ours
    std::uint32_t sampleRate = 0, channels = 0;
    std::uint64_t bytesReceived = 0;
    std::vector<std::string> warnings;  // one sentence each, with numbers; at most 10
};

struct RenditionStats {
    std::string id;     // "v720"
    std::string kind;   // "video", "audio"
    std::string codec;  // RFC 6381
    std::uint32_t width = 0, height = 0, channels = 0;
    double frameRate = 0;
    BitsPerSecond bitrate = 0;  // measured
    BitsPerSecond targetBitrate = 0;
    std::optional<double> encodeSpeed;  // media seconds per encoder second
    std::uint64_t shedFrames = 0;
    std::uint32_t queuedFrames = 0;  // waiting for the encoder
    bool isShed = false;
};

struct WorkerStats {
    std::int64_t pid = 0;
    std::string node;
    std::optional<double> speed;  // the slowest video rendition's encode speed
    std::uint32_t restarts = 0;   // in this broadcast
};

struct StreamStats {
    StreamState state = StreamState::Idle;
    std::string broadcastId;   // empty before the first broadcast
    double uptimeSeconds = 0;  // of the broadcast
    std::optional<std::string> activeInput;
    std::vector<InputStats> inputs;
    std::vector<RenditionStats> renditions;
    std::optional<double>
        latencyMs;  // from the arrival of a packet to the part that shows it being visible, median of the last 10 s
    std::optional<WorkerStats> worker;
    std::vector<std::string> alarms;  // one sentence each
};

class LivePlane {
public:
    virtual ~LivePlane() = default;

    // Replaces what publishers are checked against. A stream that is no longer in it, or is disabled now, ends.
    virtual void apply(std::shared_ptr<const Policy> policy) = 0;

    // Never null; a stream without a broadcast is Idle with empty lists. At most one second old.
    virtual std::shared_ptr<const StreamStats> stats(const StreamId& stream) const = 0;

    // Ends the broadcast (EXT-X-ENDLIST) and refuses the stream's keys for `hold`. Where it has ended or is held
    // already, only the hold changes. `done` runs on the media thread, once: Conflict if there is neither a broadcast
    // nor a hold. Use convert/ to get back to the Qt thread.
    virtual void stop(const StreamId& stream, Seconds hold, std::move_only_function<void(Result<void>)> done) = 0;
};

}  // namespace live::stream
