// What a broadcast is frozen to when it starts: everything a worker, the packager and a restarted server must agree on.
#pragma once

#include <string>
#include <vector>

#include "common/base/ids.h"
#include "common/model/ladder.h"
#include "server/media/grid.h"
#include "server/media/packet.h"

namespace live::media {

inline constexpr std::uint32_t kMaxSide = 16384;  // pixels

// One output rendition. Its index in BroadcastPlan::renditions is how packets, slots and stats refer to it.
struct Rendition {
    RenditionId id;  // "v720", "a0"
    MediaKind kind = MediaKind::Video;
    BitsPerSecond bitrate = 0;     // average target
    BitsPerSecond maxBitrate = 0;  // VBV maxrate; 0 for audio
    std::int64_t vbvBits = 0;      // VBV buffer size; 0 for audio
    std::uint32_t width = 0;       // pixels, even, at most kMaxSide; square; 0 for audio
    std::uint32_t height = 0;
    std::uint32_t channels = 0;  // 0 for video
    friend bool operator==(const Rendition&, const Rendition&) = default;
};

struct BroadcastPlan {
    StreamId stream;
    BroadcastId broadcast;
    Grid grid;
    std::vector<Rendition> renditions;  // video, highest first, then exactly one audio
    std::int64_t firstSegment = 0;      // k of the first, back-filled segment
    Seconds window{30};
    bool captions = false;  // CEA-608/708 were in the probe: declared, and kept in the video
    std::uint32_t discontinuitySequence = 0;
    friend bool operator==(const BroadcastPlan&, const BroadcastPlan&) = default;

    const TrackGrid track(std::size_t rendition) const {
        return renditions[rendition].kind == MediaKind::Video ? grid.video() : grid.audio();
    }
};

}  // namespace live::media
