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

media::SlotId endOf(const Segments& segments, const media::Grid& grid) {
    const store::Segment& last = *segments.back();
    return grid.next({last.number, static_cast<std::int32_t>(last.parts.size()) - 1});
}

bool fillHoles(Segments& segments, std::int64_t oldest, const GridTrack& track, const Filler& filler) {
    const store::Segment& newest = *segments.back();
    bool hasFilled = false, hasOtherInit = false;
    Segments whole;
    const auto fill = [&](store::Segment segment) {
        const media::SlotId hole{segment.number, static_cast<std::int32_t>(segment.parts.size())};
        for (ReadySlot& slot : filler.parts(hole, {segment.number + 1, 0}))
            segment.parts.push_back(std::move(slot.part));
        whole.push_back(std::make_shared<const store::Segment>(std::move(segment)));
        hasFilled = true;
    };
    for (std::int64_t expected = oldest; const auto& segment : segments) {
        const bool isWhole = segment->parts.size() == static_cast<std::size_t>(track.grid.slotsPerSegment());
        if (segment->number < oldest) {
            if (isWhole) whole.push_back(segment);
            continue;
        }
        for (; expected < segment->number; ++expected)
            fill({.number = expected,
                  .start = track.grid.partStart(track.track(), {expected, 0}),
                  .initName = newest.initName});
        if (isWhole || segment.get() == &newest)
            whole.push_back(segment);
        else
            fill(*segment);
        hasOtherInit |= segment->initName != newest.initName;
        ++expected;
    }
    if (hasFilled && hasOtherInit) return false;
    segments = std::move(whole);
    return true;
}

void dropBeforeHole(Segments& segments, const media::Grid& grid) {
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
