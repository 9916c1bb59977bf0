#include "server/package/packager.h"

#include <algorithm>

#include "server/package/text.h"

namespace live::package {

using media::MediaKind;
using media::SlotId;

namespace {

Result<void> checkPlan(const media::BroadcastPlan& plan) {
    const auto audio = std::ranges::count(plan.renditions, MediaKind::Audio, &media::Rendition::kind);
    if (plan.renditions.size() < 2 || audio != 1 || plan.renditions.back().kind != MediaKind::Audio)
        return fail(ErrorCode::InvalidArgument, "a broadcast has video renditions and then one audio rendition");
    if (plan.window < 3 * plan.grid.segmentDuration())
        return fail(ErrorCode::InvalidArgument, "the window must hold three segments at least");
    return {};
}

}  // namespace

Packager::Packager(media::BroadcastPlan plan)
    : m_plan(std::move(plan)),
      m_windowSegments(mulDivCeil(m_plan.window.count(), 1, m_plan.grid.segmentDuration().count())),
      m_builder(m_plan.grid),
      m_next{m_plan.firstSegment, 0},
      m_discontinuitySequence(m_plan.discontinuitySequence) {
    for (const media::Rendition& rendition : m_plan.renditions)
        m_lines.emplace_back(rendition, GridTrack{m_plan.grid, rendition.kind}, m_next);
}

Result<std::unique_ptr<Packager>> Packager::create(media::BroadcastPlan plan) {
    LIVE_TRY(checkPlan(plan));
    return std::unique_ptr<Packager>(new Packager(std::move(plan)));
}

Result<std::unique_ptr<Packager>> Packager::restore(media::BroadcastPlan plan, Restored restored, BootTime now) {
    LIVE_TRY(checkPlan(plan));
    if (restored.renditions.size() != plan.renditions.size())
        return fail(ErrorCode::InvalidArgument, "the mirror has other renditions than the plan");
    std::unique_ptr<Packager> packager(new Packager(std::move(plan)));
    LIVE_TRY(packager->adopt(std::move(restored), now));
    return packager;
}

Result<void> Packager::adopt(Restored restored, BootTime now) {
    const Segments& audio = restored.renditions.back().segments;
    if (audio.empty()) return fail(ErrorCode::Protocol, "the mirror has no audio");
    m_next = endOf(audio, m_plan.grid);
    std::int64_t head = std::max(m_plan.firstSegment, m_next.segment - m_windowSegments);
    const std::int64_t oldest = head;
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        RestoredRendition& rendition = restored.renditions[i];
        const bool isShed = rendition.segments.empty() || endOf(rendition.segments, m_plan.grid) != m_next;
        if (isShed && i + 2 >= m_lines.size())
            return fail(ErrorCode::Protocol, "the mirror lacks the newest slots of the lowest video rendition");
        if (!rendition.segments.empty()) LIVE_TRY(m_lines[i].adopt(std::move(rendition), oldest));
        if (isShed)
            m_lines[i].markShed();
        else
            head = std::max(head, m_lines[i].window().segments().front()->number);
        m_lines[i].discardLive(m_next);
    }
    trimTo(head, now);
    const std::uint32_t listed = m_lines.back().window().listedDiscontinuities();
    m_discontinuities = std::max(restored.discontinuities, listed);
    m_discontinuitySequence = m_plan.discontinuitySequence + m_discontinuities - listed;
    Publication publication;
    publishSnapshot(publication, now);
    return {};
}

Result<RenditionLine*> Packager::line(std::size_t rendition) {
    if (m_isEnded) return fail(ErrorCode::Conflict, "the broadcast has ended");
    if (rendition >= m_lines.size())
        return fail(ErrorCode::InvalidArgument, joined("there is no rendition ", rendition));
    return &m_lines[rendition];
}

Result<void> Packager::track(std::size_t rendition, const Buffer& configuration) {
    RenditionLine* line = LIVE_TRY(this->line(rendition));
    const bool isAnnounced = m_discontinuityAt && SlotId{*m_discontinuityAt, 0} >= m_next;
    const std::int64_t changeAt = isAnnounced ? *m_discontinuityAt : boundary().segment;
    const RenditionLine::Change change = LIVE_TRY(line->configure(configuration, m_next, changeAt));
    if (change == RenditionLine::Change::Announced) m_discontinuityAt = changeAt;
    return {};
}

Result<Publication> Packager::push(std::size_t rendition, const EncodedFrame& frame, BootTime now) {
    RenditionLine* line = LIVE_TRY(this->line(rendition));
    const std::int64_t maxReady =
        mulDivCeil(kMaxAhead.count(), m_plan.grid.slotsPerSegment(), m_plan.grid.segmentDuration().count());
    Publication publication;
    if (LIVE_TRY(line->push(frame, static_cast<std::size_t>(maxReady)))) advance(publication, now);
    return publication;
}

void Packager::workerRestarted() {
    for (RenditionLine& line : m_lines) line.discardLive(m_next);
}

Result<Publication> Packager::shed(std::size_t rendition, BootTime now) {
    RenditionLine* line = LIVE_TRY(this->line(rendition));
    if (rendition + 2 >= m_lines.size())
        return fail(ErrorCode::Conflict, "audio and the lowest video rendition are never shed");
    line->shed(m_next);
    m_builder.invalidateMultivariant();
    Publication publication;
    advance(publication, now);
    if (!publication.snapshot) publishSnapshot(publication, now);
    return publication;
}

Result<void> Packager::restoreShed(std::size_t rendition, std::int64_t fromSegment) {
    RenditionLine* line = LIVE_TRY(this->line(rendition));
    if (SlotId{fromSegment, 0} < m_next)
        return fail(ErrorCode::Conflict, joined("segment ", fromSegment, " has begun already"));
    return line->restore(fromSegment);
}

Result<store::MirrorFiller> Packager::setFiller(std::size_t rendition, std::vector<EncodedFrame> frames) {
    RenditionLine* line = LIVE_TRY(this->line(rendition));
    return line->setFiller(std::move(frames));
}

Result<Publication> Packager::fillTo(SlotId to, BootTime now) {
    if (m_isEnded || to <= m_next) return fail(ErrorCode::Conflict, "there is nothing to fill");
    const bool startsAnew = to.segment - m_next.segment > m_windowSegments;
    const SlotId from = startsAnew ? SlotId{to.segment - m_windowSegments, 0} : m_next;
    std::vector<std::deque<ReadySlot>> filled(m_lines.size());
    for (std::size_t i = 0; i < m_lines.size(); ++i)
        if (!m_lines[i].isShed()) filled[i] = LIVE_TRY(m_lines[i].filler(from, to, m_discontinuityAt.value_or(0)));
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        if (m_lines[i].isShed())
            m_lines[i].postponeRestore(to);
        else
            m_lines[i].replaceReady(std::move(filled[i]), to);
    }
    if (startsAnew) startListAt(from.segment, now);
    Publication publication;
    advance(publication, now);
    return publication;
}

// Everything listed leaves the list; `segment` is published next.
void Packager::startListAt(std::int64_t segment, BootTime now) {
    if (m_discontinuityAt && SlotId{*m_discontinuityAt, 0} >= m_next)
        m_discontinuityAt = std::max(*m_discontinuityAt, segment);
    m_next = {segment, 0};
    trimTo(segment, now);
}

Result<Publication> Packager::end(BootTime now) {
    if (m_isEnded || m_next.part != 0 || m_lines.back().window().empty())
        return fail(ErrorCode::Conflict, "a broadcast ends once, at the end of a segment");
    m_isEnded = true;
    for (RenditionLine& line : m_lines) line.clearReady();
    Publication publication;
    publishSnapshot(publication, now);
    return publication;
}

bool Packager::isNextReady() const {
    return std::ranges::all_of(
        m_lines, [this](const RenditionLine& line) { return !line.takesPart(m_next) || line.isReady(m_next); });
}

void Packager::advance(Publication& publication, BootTime now) {
    bool anyPublished = false;
    for (; isNextReady(); anyPublished = true) {
        for (std::size_t i = 0; i < m_lines.size(); ++i)
            if (m_lines[i].isShed() && m_lines[i].takesPart(m_next)) catchUp(i, publication);
        publishNext(publication);
        if (m_next.part == 0) closeSegment(now);
    }
    if (anyPublished) publishSnapshot(publication, now);
}

// A shed rendition is listed again, with all that the others have.
void Packager::catchUp(std::size_t index, Publication& publication) {
    const RenditionWindow& reference = m_lines.back().window();
    const SlotId head{reference.empty() ? m_next.segment : reference.segments().front()->number, 0};
    for (store::MirrorSlot& late : m_lines[index].catchUp(head, m_next, reference)) {
        std::vector<std::optional<store::MirrorPart>> parts(m_lines.size());
        parts[index] = std::move(late.parts.front());
        publication.published.push_back({{late.slot, std::move(parts)}, {}});
    }
    m_builder.invalidateMultivariant();
}

void Packager::publishNext(Publication& publication) {
    using Seam = RenditionLine::Seam;
    const Seam seam = m_discontinuityAt == m_next.segment ? Seam::Discontinuity : Seam::None;
    if (seam == Seam::Discontinuity && m_next.part == 0) {
        ++m_discontinuities;
        m_builder.invalidateMultivariant();
    }
    PublishedSlot published{{m_next, {}}, {}};
    for (RenditionLine& line : m_lines) {
        std::optional<store::MirrorPart>& part = published.slot.parts.emplace_back();
        if (line.isShed()) continue;
        RenditionLine::Published appended = line.publish(m_next, seam);
        published.encodedAt = std::max(published.encodedAt, appended.encodedAt);
        part = std::move(appended.part);
    }
    publication.published.push_back(std::move(published));
    m_next = m_plan.grid.next(m_next);
}

void Packager::closeSegment(BootTime now) {
    for (RenditionLine& line : m_lines)
        if (!line.isShed()) line.measureClosedSegment();
    m_builder.invalidateMultivariant();  // the measured bandwidth
    trimTo(m_next.segment - m_windowSegments, now);
}

void Packager::trimTo(std::int64_t head, BootTime now) {
    // RFC 8216 §6.2.2: as long as the segment and the longest playlist that had it, from when it leaves the list.
    const BootTime until = now + (m_windowSegments + 2) * m_builder.timing().targetDuration;
    RenditionWindow::Trimmed trimmed;
    for (RenditionLine& line : m_lines) {
        trimmed = line.window().trimTo(head, until);
        line.window().expire(now);
    }
    m_discontinuitySequence += trimmed.discontinuities;  // of audio, which is never shed
}

void Packager::publishSnapshot(Publication& publication, BootTime now) {
    const RenditionWindow& audio = m_lines.back().window();
    if (audio.empty() || audio.segments().front()->number == m_next.segment) return;  // no closed segment yet
    m_snapshot = m_builder.build({.plan = m_plan,
                                  .lines = m_lines,
                                  .next = m_next,
                                  .discontinuitySequence = m_discontinuitySequence,
                                  .isEnded = m_isEnded,
                                  .now = now});
    publication.snapshot = m_snapshot;
}

}  // namespace live::package
