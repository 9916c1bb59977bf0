#include "server/package/rendition_window.h"

#include <algorithm>

namespace live::package {

media::SlotId RenditionWindow::next() const {
    const store::Segment& last = *m_segments.back();
    return m_track.grid.next({last.number, static_cast<std::int32_t>(last.parts.size()) - 1});
}

bool RenditionWindow::isDiscontinuity(std::int64_t segment) const {
    return std::ranges::any_of(m_lines,
                               [=](const auto& line) { return line.number() == segment && line.isDiscontinuity(); });
}

std::uint32_t RenditionWindow::listedDiscontinuities() const {
    return static_cast<std::uint32_t>(std::ranges::count_if(m_lines, &hls::ListedSegment::isDiscontinuity));
}

void RenditionWindow::addInit(const store::Init& init) {
    if (std::ranges::find(m_inits, init.name, &store::Init::name) == m_inits.end()) m_inits.push_back(init);
}

void RenditionWindow::append(media::SlotId slot, store::Part part, const Placement& placement) {
    std::shared_ptr<store::Segment> segment;
    if (slot.part == 0) {
        addInit(placement.init);
        segment = std::make_shared<store::Segment>();
        segment->number = slot.segment;
        segment->start = m_track.grid.partStart(m_track.track(), slot);
        segment->isDiscontinuity = placement.isDiscontinuity;
        segment->initName = placement.init.name;
        m_segments.push_back(segment);
        m_lines.emplace_back(*segment);
    } else {
        LIVE_ASSERT(!m_segments.empty() && next() == slot);
        segment = std::make_shared<store::Segment>(*m_segments.back());  // the one before is in a snapshot already
        m_segments.back() = segment;
    }
    m_lines.back().addPart(part);
    segment->parts.push_back(std::move(part));
    if (slot.part == m_track.grid.slotsPerSegment() - 1) m_lines.back().close();
}

void RenditionWindow::adopt(std::vector<store::Init> inits,
                            std::vector<std::shared_ptr<const store::Segment>> segments) {
    m_inits = std::move(inits);
    m_segments = std::move(segments);
    for (const auto& segment : m_segments) {
        m_lines.emplace_back(*segment);
        if (segment->parts.size() == static_cast<std::size_t>(m_track.grid.slotsPerSegment())) m_lines.back().close();
    }
}

RenditionWindow::Trimmed RenditionWindow::trimTo(std::int64_t head, BootTime until) {
    Trimmed trimmed;
    while (trimmed.segments < m_segments.size() && m_segments[trimmed.segments]->number < head) {
        m_removed.push_back({m_segments[trimmed.segments], until});
        trimmed.discontinuities += m_lines.front().isDiscontinuity() ? 1 : 0;
        m_lines.pop_front();
        ++trimmed.segments;
    }
    m_segments.erase(m_segments.begin(), m_segments.begin() + static_cast<std::ptrdiff_t>(trimmed.segments));
    return trimmed;
}

void RenditionWindow::expire(BootTime now) {
    bool anyExpired = false;
    for (; !m_removed.empty() && m_removed.front().until <= now; anyExpired = true) m_removed.pop_front();
    if (!anyExpired || m_inits.size() < 2) return;
    std::erase_if(m_inits, [this](const store::Init& init) {
        const auto uses = [&](const auto& segment) { return segment->initName == init.name; };
        return std::ranges::none_of(m_segments, uses) && std::ranges::none_of(m_removed, uses, &Removed::segment);
    });
}

void RenditionWindow::describe(store::RenditionSnapshot& snapshot) const {
    snapshot.inits = m_inits;
    snapshot.segments = m_segments;
    snapshot.removed.reserve(m_removed.size());
    for (const Removed& removed : m_removed) snapshot.removed.push_back(removed.segment);
}

}  // namespace live::package
