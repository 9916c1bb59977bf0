// A broadcast plan for tests: 720p and 360p at 30 fps and stereo audio, D = 2 s, profile low.
#pragma once

#include "server/media/plan.h"

namespace live::test {

inline media::BroadcastPlan examplePlan(std::int64_t firstSegment = 891'406'812) {
    media::BroadcastPlan plan;
    plan.stream = *StreamId::parse("show");
    plan.broadcast = *BroadcastId::parse("0mtavq8q4ghk1f4l6v2b9c3d5e");
    plan.grid = media::Grid(Seconds(2), LatencyProfile::Low, {30, 1});
    const auto video = [](const char* id, std::uint32_t width, std::uint32_t height, BitsPerSecond bitrate) {
        return media::Rendition{.id = *RenditionId::parse(id),
                                .kind = media::MediaKind::Video,
                                .bitrate = bitrate,
                                .maxBitrate = bitrate * 5 / 4,
                                .vbvBits = bitrate,
                                .width = width,
                                .height = height};
    };
    plan.renditions = {
        video("v720", 1280, 720, 3'000'000),
        video("v360", 640, 360, 800'000),
        {.id = *RenditionId::parse("a0"), .kind = media::MediaKind::Audio, .bitrate = 128'000, .channels = 2}};
    plan.firstSegment = firstSegment;
    return plan;
}

}  // namespace live::test
