// Encoded frames for the packager without an encoder: the right NAL unit types and frame numbers, and next to no bytes.
#pragma once

#include <vector>

#include "server/media/plan.h"
#include "server/package/encoded_frame.h"

namespace live::test {

// avcC of High profile, level 3.1, and the AudioSpecificConfig of AAC-LC, 48 kHz, stereo. `variant` makes avcCs that
// differ.
inline Buffer fakeConfiguration(media::MediaKind kind, std::uint8_t variant = 0) {
    if (kind == media::MediaKind::Audio) return Buffer(Bytes{0x11, 0x90});
    return Buffer(Bytes{0x01, 0x64,    0x00, 0x1F, 0xFF, 0xE1, 0x00, 0x08, 0x67, 0x64, 0x00, 0x1F, 0xAC, 0xD9,
                        0x40, variant, 0x01, 0x00, 0x04, 0x68, 0xEB, 0xE3, 0xCB, 0xFD, 0xF8, 0xF8, 0x00});
}

enum class FakePicture : std::uint8_t { Idr, Other };

// `payload` bytes of H.264 slice or AAC; the frame number is in them.
inline Buffer fakeVideo(FakePicture picture, std::int64_t frame, std::size_t payload = 9) {
    ByteWriter writer;
    writer.u32(payload + 1).u8(picture == FakePicture::Idr ? 0x65 : 0x41);
    writer.u8(0x88).u64(static_cast<std::uint64_t>(frame)).zeros(payload - 9);
    return Buffer(writer.take());
}
inline Buffer fakeAudio(std::int64_t frame, std::size_t payload = 8) {
    ByteWriter writer;
    writer.u64(static_cast<std::uint64_t>(frame)).zeros(payload - 8);
    return Buffer(writer.take());
}

inline package::EncodedFrame fakeFrame(const media::BroadcastPlan& plan, std::size_t rendition, std::int64_t frame) {
    const media::TrackGrid track = plan.track(rendition);
    if (plan.renditions[rendition].kind == media::MediaKind::Audio)
        return {.frame = frame, .isKey = true, .data = fakeAudio(frame)};
    const media::SlotId slot = plan.grid.slotOfFrame(track, frame);
    const bool isKey = frame == plan.grid.firstFrame(track, {slot.segment, 0});
    return {.frame = frame, .isKey = isKey, .data = fakeVideo(isKey ? FakePicture::Idr : FakePicture::Other, frame)};
}

// All frames of a rendition in a slot.
inline std::vector<package::EncodedFrame> fakeSlot(const media::BroadcastPlan& plan, std::size_t rendition,
                                                   media::SlotId slot) {
    const media::TrackGrid track = plan.track(rendition);
    std::vector<package::EncodedFrame> frames;
    const std::int64_t end = plan.grid.firstFrame(track, plan.grid.next(slot));
    for (std::int64_t frame = plan.grid.firstFrame(track, slot); frame < end; ++frame)
        frames.push_back(fakeFrame(plan, rendition, frame));
    return frames;
}

// One segment of filler.
inline std::vector<package::EncodedFrame> fakeFiller(const media::BroadcastPlan& plan, std::size_t rendition) {
    const media::TrackGrid track = plan.track(rendition);
    std::vector<package::EncodedFrame> frames;
    const std::int64_t count = mulDivFloor(plan.grid.segmentDuration().count(), track.timescale, track.frameTicks);
    for (std::int64_t frame = 0; frame < count; ++frame) {
        const bool isAudio = plan.renditions[rendition].kind == media::MediaKind::Audio;
        const Buffer data =
            isAudio ? fakeAudio(-1 - frame) : fakeVideo(frame == 0 ? FakePicture::Idr : FakePicture::Other, -1 - frame);
        frames.push_back({.frame = frame, .isKey = isAudio || frame == 0, .data = data});
    }
    return frames;
}

}  // namespace live::test
