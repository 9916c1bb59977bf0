// What a restarted server has of a broadcast.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "common/base/error.h"
#include "server/package/slot_assembler.h"
#include "server/store/mirror.h"

namespace live::package {

struct RestoredRendition {
    std::vector<store::Init> inits;
    store::MirrorFiller filler;  // of Packager::setFiller(); may be empty, or of another configuration
    std::vector<std::shared_ptr<const store::Segment>> segments;  // ascending; numbers may be missing
};

struct Restored {
    std::vector<RestoredRendition> renditions;  // as in the plan
    std::uint32_t discontinuities = 0;          // Packager::discontinuities() before
};

// One past the last slot of `segments`, which is not empty.
media::SlotId endOf(const std::vector<std::shared_ptr<const store::Segment>>& segments, const media::Grid& grid);

// Drops what comes before the last hole: an incomplete segment that another one follows, or numbers that are missing.
void dropBeforeHole(std::vector<std::shared_ptr<const store::Segment>>& segments, const media::Grid& grid);

// Protocol: a part that is not a fragment of ours that fills its slot, or an init that is missing.
Result<void> check(const RestoredRendition& rendition, const GridTrack& track);

}  // namespace live::package
