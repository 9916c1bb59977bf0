// Filler media: one encoded segment of slate or silence that is given new headers for any slot of the grid.
#pragma once

#include <vector>

#include "common/base/error.h"
#include "server/package/slot_assembler.h"

namespace live::package {

// An immutable value. The same init as the live media of its rendition.
class Filler {
public:
    // `frames`: video starts with a key frame, has no other, and is as long as the shortest segment at least; audio has
    // one frame at least. Their numbers do not matter. InvalidArgument otherwise.
    static Result<Filler> create(const GridTrack& track, std::vector<EncodedFrame> frames, ByteView configuration);
    // What bytes() gave, perhaps before a restart.
    static Result<Filler> fromBytes(const GridTrack& track, const Buffer& bytes);
    // Filler out of a published closed segment, for when nothing better is there: what was seen last is seen again.
    // Unsupported: frames were left out in it or it was spliced.
    static Result<Filler> fromSegment(const GridTrack& track, const store::Segment& segment);

    // All of it in one fragment, to be kept.
    Buffer bytes() const;

    // The parts of all slots from `from` up to, not including, `to`. The first of them and the first of each segment
    // start with the first frame of the filler, so they can be decoded whatever came before.
    std::vector<ReadySlot> parts(media::SlotId from, media::SlotId to) const;

private:
    Filler(const GridTrack& track, std::vector<Buffer> frames) : m_track(track), m_frames(std::move(frames)) {}
    static Result<Filler> checked(const GridTrack& track, std::vector<Buffer> frames);
    ReadySlot part(media::SlotId slot, std::int64_t firstOfRun) const;

    GridTrack m_track;
    std::vector<Buffer> m_frames;
};

}  // namespace live::package
