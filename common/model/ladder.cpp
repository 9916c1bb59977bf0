#include "common/model/ladder.h"

#include <algorithm>

namespace live {

BitsPerSecond defaultBitrate(std::uint32_t height) {
    struct Step {
        std::uint32_t height;
        BitsPerSecond bitrate;
    };
    static constexpr Step kSteps[] = {{160, 200'000},   {240, 350'000},    {360, 700'000},    {480, 1'300'000},
                                      {720, 2'800'000}, {1080, 5'000'000}, {1440, 9'000'000}, {2160, 16'000'000}};
    const Step* above = std::ranges::find_if(kSteps, [height](const Step& step) { return step.height >= height; });
    if (above == std::end(kSteps)) return kSteps[std::size(kSteps) - 1].bitrate;
    if (above == std::begin(kSteps) || above->height == height) return above->bitrate;
    const Step& below = above[-1];
    return below.bitrate + (above->bitrate - below.bitrate) * (height - below.height) / (above->height - below.height);
}

Ladder defaultLadder() {
    Ladder ladder;
    for (std::uint32_t height : {1080u, 720u, 480u, 360u, 160u}) ladder.push_back({height, defaultBitrate(height)});
    return ladder;
}

Result<void> checkHeight(std::int64_t height) {
    if (height >= Rung::kMinHeight && height <= Rung::kMaxHeight && height % 2 == 0) return {};
    return fail(ErrorCode::InvalidArgument, "height " + std::to_string(height) + " is not an even number from " +
                                                std::to_string(Rung::kMinHeight) + " to " +
                                                std::to_string(Rung::kMaxHeight));
}

Result<void> checkBitrate(std::int64_t bitrate) {
    if (bitrate == 0 || (bitrate >= Rung::kMinBitrate && bitrate <= Rung::kMaxBitrate)) return {};
    return fail(ErrorCode::InvalidArgument, "bitrate_bps " + std::to_string(bitrate) + " is not from " +
                                                std::to_string(Rung::kMinBitrate) + " to " +
                                                std::to_string(Rung::kMaxBitrate));
}

Result<Ladder> validated(Ladder ladder) {
    if (ladder.empty() || ladder.size() > kMaxRungs)
        return fail(ErrorCode::InvalidArgument, "a ladder has 1 to 8 rungs");
    for (Rung& rung : ladder) {
        LIVE_TRY(checkHeight(rung.height));
        LIVE_TRY(checkBitrate(rung.bitrate));
        if (rung.bitrate == 0) rung.bitrate = defaultBitrate(rung.height);
    }
    std::ranges::sort(ladder, std::greater{}, &Rung::height);
    if (std::ranges::adjacent_find(ladder, {}, &Rung::height) != ladder.end())
        return fail(ErrorCode::InvalidArgument, "two rungs have the same height");
    return ladder;
}

}  // namespace live
