// What a restarted server has of a broadcast.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "common/base/error.h"
#include "server/package/filler.h"
#include "server/package/slot_assembler.h"
#include "server/store/mirror.h"

namespace live::package {

using Segments = std::vector<std::shared_ptr<const store::Segment>>;

struct RestoredRendition {
    std::vector<store::Init> inits;
    store::MirrorFiller filler;  // of Packager::setFiller(); may be empty, or of another configuration
    Segments segments;           // ascending; numbers may be missing
};

struct Restored {
    std::vector<RestoredRendition> renditions;  // as in the plan
    std::uint32_t discontinuities = 0;          // Packager::discontinuities() before
};

// One past the last slot of `segments`, which is not empty.
media::SlotId endOf(const Segments& segments, const media::Grid& grid);

// Filler for the slots that `segments` lack from the start of segment `oldest` to their end, so that they can be
// listed; before it, segments that are not whole are dropped. False, and nothing has changed, when slots are missing
// where another init than that of the newest segment is in force: the filler would not fit there.
bool fillHoles(Segments& segments, std::int64_t oldest, const GridTrack& track, const Filler& filler);

// Drops what comes before the last hole: an incomplete segment that another one follows, or numbers that are missing.
void dropBeforeHole(Segments& segments, const media::Grid& grid);

// Protocol: a part that is not a fragment of ours that fills its slot, or an init that is missing.
Result<void> check(const RestoredRendition& rendition, const GridTrack& track);

}  // namespace live::package
