// What viewers can fetch of one rendition: listed segments, segments that have just left the list, inits.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "server/package/hls/media_playlist.h"
#include "server/package/slot_assembler.h"
#include "server/store/snapshot.h"

namespace live::package {

// Bounded by the window: trimTo() moves segments out of the list, expire() drops them. Owner thread: media; what it
// hands out is immutable.
class RenditionWindow {
public:
    explicit RenditionWindow(const GridTrack& track) : m_track(track) {}

    bool empty() const { return m_segments.empty(); }
    // The slot after the newest one. Not when empty().
    media::SlotId next() const;
    bool isDiscontinuity(std::int64_t segment) const;
    std::uint32_t listedDiscontinuities() const;
    const std::deque<hls::ListedSegment>& lines() const { return m_lines; }
    const std::vector<std::shared_ptr<const store::Segment>>& segments() const { return m_segments; }

    struct Placement {
        const store::Init& init;
        bool isDiscontinuity = false;  // counts at the first part of a segment
    };
    // `slot` is next(), or the first slot of a later segment when the list starts anew.
    void append(media::SlotId slot, store::Part part, const Placement& placement);

    // Starts with what a restarted server has; `segments` is not empty and has no holes from where the list will start.
    void adopt(std::vector<store::Init> inits, std::vector<std::shared_ptr<const store::Segment>> segments);

    struct Trimmed {
        std::size_t segments = 0;
        std::uint32_t discontinuities = 0;
    };
    // Takes segments before `head` off the list; they stay fetchable until `until`.
    Trimmed trimTo(std::int64_t head, BootTime until);
    void expire(BootTime now);

    // All but playlists and identity.
    void describe(store::RenditionSnapshot& snapshot) const;

private:
    void addInit(const store::Init& init);

    struct Removed {
        std::shared_ptr<const store::Segment> segment;
        BootTime until;
    };
    GridTrack m_track;
    std::vector<store::Init> m_inits;
    std::vector<std::shared_ptr<const store::Segment>> m_segments;
    std::deque<hls::ListedSegment> m_lines;  // one for each of m_segments
    std::deque<Removed> m_removed;
};

}  // namespace live::package
