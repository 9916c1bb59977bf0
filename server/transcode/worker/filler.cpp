#include "server/transcode/worker/filler.h"

#include <sys/resource.h>
#include <unistd.h>

#include "common/av/frame_pool.h"
#include "common/base/clock.h"
#include "server/ffmpeg/aac_encoder.h"
#include "server/ffmpeg/h264_encoder.h"
#include "server/transcode/worker/slate.h"

namespace live::transcode::worker {

namespace {

OutputPacket fillerPacket(std::size_t rendition, const Clock& clock) {
    OutputPacket packet;
    packet.rendition = static_cast<std::uint8_t>(rendition);
    packet.isFiller = true;
    packet.encodedAt = clock.boot();
    return packet;
}

Result<void> encodePictures(const media::BroadcastPlan& plan, std::size_t rendition, Output& output, const Clock& clock,
                            const std::stop_token& stop) {
    ffmpeg::H264Encoder encoder = LIVE_TRY(ffmpeg::H264Encoder::create(plan, rendition));
    const media::Rendition& which = plan.renditions[rendition];
    av::FramePool pool(static_cast<int>(which.width), static_cast<int>(which.height));
    const av::FramePtr slate = pool.take();
    drawSlate(*slate);
    const std::int64_t count = plan.grid.mostFrames(plan.grid.video());
    for (std::int64_t frame = 0; frame < count && !stop.stop_requested(); ++frame) {
        ffmpeg::EncodedPicture encoded = LIVE_TRY(encoder.encode(*slate, {.frame = frame, .isKey = frame == 0}));
        OutputPacket packet = fillerPacket(rendition, clock);
        packet.isKey = encoded.isKey;
        packet.frame = frame;
        packet.data = std::move(encoded.data);
        output.send(std::move(packet));
    }
    return {};
}

Result<void> encodeSilence(const media::BroadcastPlan& plan, std::size_t rendition, Output& output,
                           const Clock& clock) {
    ffmpeg::AacEncoder encoder = LIVE_TRY(ffmpeg::AacEncoder::create(plan.renditions[rendition].bitrate));
    const std::array<float, ffmpeg::kAacFrameSamples> silence{};
    const std::int64_t count = plan.grid.mostFrames(plan.grid.audio());
    for (std::int64_t fed = 0; fed < count + ffmpeg::AacEncoder::kLookahead; ++fed) {
        std::optional<ffmpeg::EncodedAudio> encoded =
            LIVE_TRY(encoder.encode({.frame = fed, .left = silence, .right = silence}));
        if (!encoded || encoded->frame < 0) continue;
        OutputPacket packet = fillerPacket(rendition, clock);
        packet.isKey = true;
        packet.frame = encoded->frame;
        packet.data = std::move(encoded->data);
        output.send(std::move(packet));
    }
    return {};
}

}  // namespace

Result<void> encodeFiller(const media::BroadcastPlan& plan, Output& output, const Clock& clock,
                          const std::stop_token& stop) {
    for (std::size_t i = 0; i < plan.renditions.size() && !stop.stop_requested(); ++i) {
        const bool isVideo = plan.renditions[i].kind == media::MediaKind::Video;
        Result<void> done =
            isVideo ? encodePictures(plan, i, output, clock, stop) : encodeSilence(plan, i, output, clock);
        if (!done) return done;
    }
    return {};
}

void lowerThreadPriority() {
    constexpr int kNice = 15;
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice);
}

}  // namespace live::transcode::worker
