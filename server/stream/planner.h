// From what the probe saw and what the stream asks for to the plan that a broadcast is frozen to. Pure.
#pragma once

#include <optional>

#include "common/model/stream.h"
#include "server/media/plan.h"

namespace live::stream {

// What the first ≤ 300 ms of an input told.
struct ProbedInput {
    Rational frameRate{0, 1};  // 0: unknown
    std::uint32_t width = 0;   // pixels as shown: cropped, sample aspect ratio applied; 0: no video
    std::uint32_t height = 0;
    bool hasCaptions = false;
};

// The renditions of `ladder` for a picture of this size: rungs above its short side are left out (never upscaled); if
// none remains, one at its own size. Sides are even, the aspect ratio is kept to the pixel pair, but for pictures whose
// long side would exceed media::kMaxSide: they get bars.
std::vector<media::Rendition> renditionsFor(const Ladder& ladder, std::uint32_t width, std::uint32_t height);

// The broadcast starts at the segment before the one that holds `now`, so that its first playlist has a closed segment.
media::BroadcastPlan planBroadcast(const StreamId& stream, const BroadcastId& broadcast,
                                   const BroadcastSettings& settings, const Ladder& defaultLadder,
                                   const ProbedInput& input, OutputTime now);

}  // namespace live::stream
