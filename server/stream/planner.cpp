#include "server/stream/planner.h"

#include <algorithm>

namespace live::stream {

namespace {

// Peaks above the average that VBV allows, over a buffer of one second.
constexpr std::int64_t kMaxratePercent = 110;
constexpr BitsPerSecond kAudioBitrate = 128'000;

std::uint32_t evenFloor(std::uint32_t value) { return std::max(value & ~1u, 2u); }

media::Rendition videoRendition(const Rung& rung, std::uint32_t width, std::uint32_t height) {
    const BitsPerSecond peak = rung.bitrate * kMaxratePercent / 100;
    return {.id = *RenditionId::parse("v" + std::to_string(rung.height)),
            .kind = media::MediaKind::Video,
            .bitrate = rung.bitrate,
            .maxBitrate = peak,
            .vbvBits = peak,
            .width = width,
            .height = height};
}

}  // namespace

std::vector<media::Rendition> renditionsFor(const Ladder& ladder, std::uint32_t width, std::uint32_t height) {
    const std::uint32_t shortSide = std::min(width, height);
    const std::uint32_t longSide = std::max(width, height);
    const bool isPortrait = height > width;
    std::vector<media::Rendition> renditions;
    const auto add = [&](const Rung& rung) {
        const auto scaled =
            static_cast<std::uint32_t>(mulDivRound(longSide, rung.height, 2 * std::int64_t{shortSide})) * 2;
        const std::uint32_t side = std::clamp(scaled, std::max(rung.height, 2u), media::kMaxSide);
        renditions.push_back(isPortrait ? videoRendition(rung, rung.height, side)
                                        : videoRendition(rung, side, rung.height));
    };
    for (const Rung& rung : ladder)
        if (rung.height <= shortSide) add(rung);
    if (renditions.empty()) add({evenFloor(shortSide), defaultBitrate(shortSide)});
    return renditions;
}

media::BroadcastPlan planBroadcast(const StreamId& stream, const BroadcastId& broadcast,
                                   const BroadcastSettings& settings, const Ladder& defaultLadder,
                                   const ProbedInput& input, OutputTime now) {
    const bool hasVideo = input.width > 0 && input.height > 0;
    media::BroadcastPlan plan;
    plan.stream = stream;
    plan.broadcast = broadcast;
    plan.grid = media::Grid(settings.segmentDuration, settings.latencyProfile, media::outputRate(input.frameRate));
    plan.renditions = renditionsFor(settings.ladder.value_or(defaultLadder), hasVideo ? input.width : 1280,
                                    hasVideo ? input.height : 720);
    plan.renditions.push_back(
        {.id = *RenditionId::parse("a0"), .kind = media::MediaKind::Audio, .bitrate = kAudioBitrate, .channels = 2});
    plan.firstSegment = plan.grid.slotAt(now).segment - 1;
    plan.window = effectiveWindow(settings);
    plan.captions = input.hasCaptions;
    return plan;
}

}  // namespace live::stream
