#include "server/package/rendition_line.h"

#include <algorithm>

#include "server/media/aac.h"
#include "server/media/h264.h"
#include "server/package/cmaf/init.h"
#include "server/package/text.h"

namespace live::package {

using media::MediaKind;
using media::SlotId;

Result<RenditionLine::Configured> RenditionLine::configured(const Buffer& configuration, store::Init init) const {
    std::string codec = m_track.kind == MediaKind::Video
                            ? media::h264::codecString(LIVE_TRY(media::h264::parseConfiguration(configuration.view())))
                            : media::aac::codecString(LIVE_TRY(media::aac::parseConfiguration(configuration.view())));
    return Configured{configuration, std::move(init), std::move(codec)};
}

Result<RenditionLine::Change> RenditionLine::configure(const Buffer& configuration, SlotId next,
                                                       std::int64_t changeAt) {
    store::Init init = LIVE_TRY(cmaf::makeInit(m_rendition, m_track.track(), configuration.view()));
    Configured configured = LIVE_TRY(this->configured(configuration, std::move(init)));
    if (m_current && configured.init.name == newest().init.name) return Change::None;
    if (m_window.empty()) {
        replaceConfiguration(std::move(configured), next);
        return Change::None;
    }
    const SlotId seam{changeAt, 0};
    if (!m_isShed) {
        // Filler for an announced change may be waiting already.
        std::deque<ReadySlot> bridge = m_upcoming ? std::move(m_ready) : LIVE_TRY(filler(next, seam, changeAt));
        std::erase_if(bridge, [&](const ReadySlot& ready) { return ready.slot >= seam; });
        m_ready = std::move(bridge);
    }
    m_upcoming = std::move(configured);
    m_filler.reset();
    m_restoredFrom.reset();
    m_assembler.reset(seam);
    return Change::Announced;
}

void RenditionLine::replaceConfiguration(Configured configured, SlotId next) {
    m_current = std::move(configured);
    m_upcoming.reset();
    m_filler.reset();
    m_restoredFrom.reset();
    m_ready.clear();
    m_assembler.reset(next);
}

Result<store::MirrorFiller> RenditionLine::setFiller(std::vector<EncodedFrame> frames) {
    if (!m_current) return fail(ErrorCode::Protocol, "filler came before the configuration of its track");
    m_filler = LIVE_TRY(Filler::create(m_track, std::move(frames), newest().configuration.view()));
    return store::MirrorFiller{newest().init.name, m_filler->bytes()};
}

Result<Filler> RenditionLine::currentFiller(const Segments& segments) const {
    if (m_filler && !m_upcoming) return *m_filler;
    const auto slots = static_cast<std::size_t>(m_track.grid.slotsPerSegment());
    for (auto segment = segments.rbegin(); m_current && segment != segments.rend(); ++segment) {
        if ((*segment)->initName != m_current->init.name) break;
        if ((*segment)->parts.size() < slots) continue;
        if (Result<Filler> filler = Filler::fromSegment(m_track, **segment)) return filler;
    }
    return fail(ErrorCode::Conflict, joined("there is no filler for rendition ", m_rendition.id.text()));
}

Result<std::deque<ReadySlot>> RenditionLine::filler(SlotId from, SlotId to, std::int64_t changeAt) const {
    const SlotId change = m_upcoming ? std::clamp(SlotId{changeAt, 0}, from, to) : to;
    std::deque<ReadySlot> parts;
    if (from < change)
        std::ranges::move(LIVE_TRY(currentFiller(m_window.segments())).parts(from, change), std::back_inserter(parts));
    if (change == to) return parts;
    if (!m_filler)
        return fail(ErrorCode::Conflict,
                    joined("there is no filler for the new configuration of rendition ", m_rendition.id.text()));
    std::ranges::move(m_filler->parts(change, to), std::back_inserter(parts));
    return parts;
}

Result<bool> RenditionLine::push(const EncodedFrame& frame, std::size_t maxReady) {
    if (!m_current) return fail(ErrorCode::Protocol, "a frame came before the configuration of its track");
    if (m_isShed && !m_restoredFrom) return false;
    if (m_ready.size() >= maxReady)
        return fail(ErrorCode::Overloaded,
                    joined("rendition ", m_rendition.id.text(), " is too far ahead of the slowest one"));
    const bool isPostponed = comesBackLater(frame);
    std::optional<ReadySlot> ready = LIVE_TRY(m_assembler.push(frame, newest().configuration.view()));
    if (!ready) return isPostponed;
    m_ready.push_back(std::move(*ready));
    return true;
}

// The worker may be past the boundary that restore() was told: then it comes back at the one that the worker starts
// with.
bool RenditionLine::comesBackLater(const EncodedFrame& frame) {
    if (!m_isShed || !m_ready.empty() || !m_assembler.isAtStart()) return false;
    const media::SlotId slot = m_track.grid.slotOfFrame(m_track.track(), frame.frame);
    if (slot.part != 0 || slot.segment <= *m_restoredFrom || frame.frame != m_track.firstFrame(slot)) return false;
    m_restoredFrom = slot.segment;
    m_assembler.reset(slot);
    return true;
}

void RenditionLine::discardLive(SlotId next) {
    m_ready.erase(std::ranges::find(m_ready, false, &ReadySlot::isFiller), m_ready.end());
    if (m_isShed && m_restoredFrom) next = {*m_restoredFrom, 0};
    m_assembler.reset(m_ready.empty() ? next : m_track.grid.next(m_ready.back().slot));
}

void RenditionLine::replaceReady(std::deque<ReadySlot> ready, SlotId end) {
    m_ready = std::move(ready);
    m_assembler.reset(end);
}

bool RenditionLine::takesPart(SlotId slot) const {
    return !m_isShed || (m_restoredFrom && slot >= SlotId{*m_restoredFrom, 0});
}

void RenditionLine::shed(SlotId next) {
    m_isShed = true;
    m_restoredFrom.reset();
    m_ready.clear();
    m_assembler.reset(next);
}

Result<void> RenditionLine::restore(std::int64_t fromSegment) {
    if (!m_isShed) return fail(ErrorCode::Conflict, "the rendition is not shed");
    if (m_upcoming) {
        if (!m_window.empty())
            return fail(ErrorCode::Conflict, "segments with the configuration before are still listed");
        m_current = std::move(m_upcoming);
        m_upcoming.reset();
    }
    m_filler = LIVE_TRY(
        currentFiller(m_window.segments()));  // kept: the segment it may be made of can leave the window meanwhile
    m_restoredFrom = fromSegment;
    m_ready.clear();
    m_assembler.reset({fromSegment, 0});
    return {};
}

void RenditionLine::postponeRestore(SlotId slot) {
    if (!m_restoredFrom || SlotId{*m_restoredFrom, 0} >= slot) return;
    m_restoredFrom = slot.part == 0 ? slot.segment : slot.segment + 1;
    m_ready.clear();
    m_assembler.reset({*m_restoredFrom, 0});
}

std::vector<store::MirrorSlot> RenditionLine::catchUp(SlotId from, SlotId to, const RenditionWindow& reference) {
    m_isShed = false;
    m_restoredFrom.reset();
    std::vector<store::MirrorSlot> published;
    if (!m_window.empty()) from = std::max(from, m_window.next());
    for (ReadySlot& ready : m_filler->parts(from, to)) {
        const Seam seam = reference.isDiscontinuity(ready.slot.segment) ? Seam::Discontinuity : Seam::None;
        published.push_back({ready.slot, {}});
        published.back().parts.emplace_back(append(ready.slot, std::move(ready.part), seam));
    }
    return published;
}

RenditionLine::Published RenditionLine::publish(SlotId slot, Seam seam) {
    if (seam == Seam::Discontinuity && slot.part == 0 && m_upcoming) {
        m_current = std::move(m_upcoming);
        m_upcoming.reset();
    }
    ReadySlot ready = std::move(m_ready.front());
    m_ready.pop_front();
    return {append(slot, std::move(ready.part), seam), ready.encodedAt};
}

store::MirrorPart RenditionLine::append(SlotId slot, store::Part part, Seam seam) {
    const bool isDiscontinuity = seam == Seam::Discontinuity;
    m_window.append(slot, part, {m_current->init, isDiscontinuity});
    return {std::move(part), m_current->init.name, isDiscontinuity};
}

void RenditionLine::measureClosedSegment() {
    const store::Segment& closed = *m_window.segments().back();
    m_meter.addSegment(closed.byteSize(), closed.duration());
}

Result<void> RenditionLine::adopt(RestoredRendition restored, std::int64_t oldest) {
    LIVE_TRY(check(restored, m_track));
    const auto init = std::ranges::find(restored.inits, restored.segments.back()->initName, &store::Init::name);
    const Buffer configuration = LIVE_TRY(cmaf::configurationOf(*init, m_track.kind));
    m_current = LIVE_TRY(configured(configuration, *init));
    if (restored.filler.initName == init->name)
        if (Result<Filler> filler = Filler::fromBytes(m_track, restored.filler.bytes)) m_filler = std::move(*filler);
    const Result<Filler> filler = currentFiller(restored.segments);
    if (!filler || !fillHoles(restored.segments, oldest, m_track, *filler))
        dropBeforeHole(restored.segments, m_track.grid);
    for (const auto& segment : restored.segments)
        if (segment->parts.size() == static_cast<std::size_t>(m_track.grid.slotsPerSegment()))
            m_meter.addSegment(segment->byteSize(), segment->duration());
    m_window.adopt(std::move(restored.inits), std::move(restored.segments));
    return {};
}

}  // namespace live::package
