// The ladder: which renditions a stream is encoded to.
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/error.h"

namespace live {

using BitsPerSecond = std::int64_t;

// One rung, named by the short side of the picture: 720 is 1280x720 of a landscape source and 720x1280 of a portrait
// one.
struct Rung {
    static constexpr std::int64_t kMinHeight = 160, kMaxHeight = 2160;
    static constexpr BitsPerSecond kMinBitrate = 50'000, kMaxBitrate = 100'000'000;

    std::uint32_t height = 0;   // pixels, even
    BitsPerSecond bitrate = 0;  // average of the video
    friend bool operator==(const Rung&, const Rung&) = default;
};

using Ladder = std::vector<Rung>;  // highest first, heights unique

inline constexpr std::size_t kMaxRungs = 8;

// What a rung of this height gets when no bitrate is given.
BitsPerSecond defaultBitrate(std::uint32_t height);

// 1080, 720, 480, 360 and 160: rungs above the source are left out when a broadcast starts, so one default fits all.
Ladder defaultLadder();

// The bounds of a rung's numbers, before they have the members' types; a bitrate may be 0.
Result<void> checkHeight(std::int64_t height);
Result<void> checkBitrate(std::int64_t bitrate);

// Checks bounds and uniqueness, sorts highest first, fills in bitrates that are 0.
Result<Ladder> validated(Ladder ladder);

}  // namespace live
