// Collects the frames of one rendition into slots and makes a part of each.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/error.h"
#include "server/media/grid.h"
#include "server/media/packet.h"
#include "server/package/cmaf/fragment.h"
#include "server/package/encoded_frame.h"
#include "server/store/snapshot.h"

namespace live::package {

// The track of a rendition on the grid of its broadcast.
struct GridTrack {
    media::Grid grid;
    media::MediaKind kind = media::MediaKind::Video;

    media::TrackGrid track() const { return kind == media::MediaKind::Video ? grid.video() : grid.audio(); }
    std::int64_t firstFrame(media::SlotId slot) const { return grid.firstFrame(track(), slot); }
};

// A part that waits for the other renditions.
struct ReadySlot {
    media::SlotId slot;
    store::Part part;
    BootTime encodedAt{};  // of its last frame
    bool isFiller = false;
};

// Makes the part of `slot` of samples whose durations add up to it.
ReadySlot makeSlot(const GridTrack& track, media::SlotId slot, std::span<const cmaf::Sample> samples,
                   bool startsWithKey);

// Never makes a corrupt part: frames that do not tile the grid, reach over the end of their slot, a key frame inside a
// slot, or a segment (or whatever comes after reset()) that does not start with a key frame are Protocol errors and
// change nothing. Owner thread: media.
class SlotAssembler {
public:
    static constexpr std::size_t kMaxPartBytes = 64 * 1024 * 1024;

    SlotAssembler(const GridTrack& track, media::SlotId first) : m_track(track) { reset(first); }

    // Forgets the frames of an incomplete slot; goes on at the start of `first`, with a key frame.
    void reset(media::SlotId first);

    // The slot that `frame` completes, if it does. Frames of slots that are done are dropped and counted: a replacement
    // worker may repeat them. `configuration` is that of the frame's track.
    Result<std::optional<ReadySlot>> push(const EncodedFrame& frame, ByteView configuration);

    bool isAtStart() const { return m_needsKey && m_samples.empty(); }  // nothing has come since reset()
    std::uint64_t droppedFrames() const { return m_dropped; }

private:
    Result<void> checkPosition(const EncodedFrame& frame) const;
    Result<Buffer> checkedData(const EncodedFrame& frame, ByteView configuration) const;
    ReadySlot finish();

    GridTrack m_track;
    media::SlotId m_slot;
    std::int64_t m_nextFrame = 0;
    std::int64_t m_slotEnd = 0;  // first frame of the next slot
    bool m_needsKey = true;
    bool m_startsWithKey = false;
    std::size_t m_bytes = 0;
    std::vector<cmaf::Sample> m_samples;
    BootTime m_encodedAt{};
    std::uint64_t m_dropped = 0;
};

}  // namespace live::package
