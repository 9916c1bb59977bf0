#include "server/package/restore.h"

#include <algorithm>

#include "server/package/text.h"

namespace live::package {

namespace {

Result<void> checkPart(const store::Part& part, const GridTrack& track, media::SlotId slot) {
    const cmaf::FragmentContent content = LIVE_TRY(cmaf::readFragment(part.bytes));
    std::int64_t ticks = 0;
    for (const cmaf::Sample& sample : content.samples) ticks += sample.duration;
    const std::int64_t frames = track.firstFrame(track.grid.next(slot)) - track.firstFrame(slot);
    if (ticks != track.track().ticks(frames) || content.startsWithKey != part.isIndependent ||
        part.duration != track.grid.partDuration(track.track(), slot))
        return fail(ErrorCode::Protocol, joined("part ", slot.segment, ".", slot.part, " does not fit its slot"));
    return {};
}

}  // namespace

media::SlotId endOf(const std::vector<std::shared_ptr<const store::Segment>>& segments, const media::Grid& grid) {
    const store::Segment& last = *segments.back();
    return grid.next({last.number, static_cast<std::int32_t>(last.parts.size()) - 1});
}

void dropBeforeHole(std::vector<std::shared_ptr<const store::Segment>>& segments, const media::Grid& grid) {
    for (std::size_t i = segments.size(); i-- > 1;) {
        const store::Segment& before = *segments[i - 1];
        const bool isWhole = before.parts.size() == static_cast<std::size_t>(grid.slotsPerSegment());
        if (isWhole && before.number + 1 == segments[i]->number) continue;
        segments.erase(segments.begin(), segments.begin() + static_cast<std::ptrdiff_t>(i));
        return;
    }
}

Result<void> check(const RestoredRendition& rendition, const GridTrack& track) {
    const auto slots = static_cast<std::size_t>(track.grid.slotsPerSegment());
    for (const auto& segment : rendition.segments) {
        if (segment->parts.empty() || segment->parts.size() > slots)
            return fail(ErrorCode::Protocol,
                        joined("segment ", segment->number, " has ", segment->parts.size(), " parts"));
        if (std::ranges::find(rendition.inits, segment->initName, &store::Init::name) == rendition.inits.end())
            return fail(ErrorCode::Protocol, joined("segment ", segment->number, " has no init"));
        for (std::size_t p = 0; p < segment->parts.size(); ++p)
            LIVE_TRY(checkPart(segment->parts[p], track, {segment->number, static_cast<std::int32_t>(p)}));
    }
    return {};
}

}  // namespace live::package
