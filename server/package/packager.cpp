#include "server/package/packager.h"

#include <algorithm>

#include "server/media/aac.h"
#include "server/media/h264.h"
#include "server/package/cmaf/init.h"
#include "server/package/hls/multivariant.h"
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
      m_timing(m_plan.grid),
      m_next{m_plan.firstSegment, 0},
      m_windowSegments(mulDivCeil(m_plan.window.count(), 1, m_plan.grid.segmentDuration().count())),
      m_discontinuitySequence(m_plan.discontinuitySequence) {
    for (const media::Rendition& rendition : m_plan.renditions) {
        const GridTrack track{m_plan.grid, rendition.kind};
        m_lines.push_back(Line{.track = track,
                               .assembler = SlotAssembler(track, m_next),
                               .window = RenditionWindow(track),
                               .ready = {},
                               .current = {},
                               .upcoming = {},
                               .filler = {},
                               .meter = {},
                               .restoredFrom = {}});
    }
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
    for (RestoredRendition& rendition : restored.renditions) dropBeforeHole(rendition.segments, m_plan.grid);
    const auto& audio = restored.renditions.back().segments;
    if (audio.empty()) return fail(ErrorCode::Protocol, "the mirror has no audio");
    m_next = endOf(audio, m_plan.grid);
    std::int64_t head = m_next.segment - m_windowSegments;
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        RestoredRendition& rendition = restored.renditions[i];
        Line& line = m_lines[i];
        line.isShed = rendition.segments.empty() || endOf(rendition.segments, m_plan.grid) != m_next;
        if (line.isShed && i + 2 >= m_lines.size())
            return fail(ErrorCode::Protocol, "the mirror lacks slots of the lowest video rendition");
        if (!line.isShed) head = std::max(head, rendition.segments.front()->number);
        if (!rendition.segments.empty()) LIVE_TRY(adopt(line, std::move(rendition)));
        line.assembler.reset(m_next);
    }
    trimTo(head, now);
    m_discontinuities = restored.discontinuities;
    const std::uint32_t listed = m_lines.back().window.listedDiscontinuities();
    m_discontinuitySequence = m_plan.discontinuitySequence + m_discontinuities - std::min(m_discontinuities, listed);
    Publication publication;
    publishSnapshot(publication, now);
    return {};
}

Result<void> Packager::adopt(Line& line, RestoredRendition restored) {
    LIVE_TRY(check(restored, line.track));
    const auto init = std::ranges::find(restored.inits, restored.segments.back()->initName, &store::Init::name);
    Buffer configuration = LIVE_TRY(cmaf::configurationOf(*init, line.track.kind));
    line.current = LIVE_TRY(configured(line, std::move(configuration), *init));
    if (Result<Filler> filler = Filler::fromBytes(line.track, restored.filler)) line.filler = std::move(*filler);
    for (const auto& segment : restored.segments)
        if (segment->parts.size() == static_cast<std::size_t>(m_plan.grid.slotsPerSegment()))
            line.meter.addSegment(segment->byteSize(), segment->duration());
    line.window.adopt(std::move(restored.inits), std::move(restored.segments));
    return {};
}

Result<Packager::Configured> Packager::configured(const Line& line, Buffer configuration, store::Init init) {
    std::string codec = line.track.kind == MediaKind::Video
                            ? media::h264::codecString(LIVE_TRY(media::h264::parseConfiguration(configuration.view())))
                            : media::aac::codecString(LIVE_TRY(media::aac::parseConfiguration(configuration.view())));
    return Configured{std::move(configuration), std::move(init), std::move(codec)};
}

Result<void> Packager::track(std::size_t rendition, const Buffer& configuration) {
    Line& line = m_lines[rendition];
    store::Init init = LIVE_TRY(cmaf::makeInit(m_plan.renditions[rendition], line.track.track(), configuration.view()));
    Configured configured = LIVE_TRY(Packager::configured(line, configuration, std::move(init)));
    if (!line.current || (line.window.empty() && !line.upcoming)) {
        line.current = std::move(configured);  // nobody has seen the one before
        return {};
    }
    if (configured.init.name == line.newest().init.name) return {};
    return change(line, std::move(configured));
}

Result<void> Packager::change(Line& line, Configured configured) {
    const bool isAnnounced = m_discontinuityAt && SlotId{*m_discontinuityAt, 0} >= m_next;
    const std::int64_t segment = isAnnounced ? *m_discontinuityAt : boundary().segment;
    if (!line.isShed && !line.upcoming && m_next < SlotId{segment, 0}) {
        const Filler filler = LIVE_TRY(fillerFor(line));
        line.ready.clear();
        std::ranges::move(filler.parts(m_next, {segment, 0}), std::back_inserter(line.ready));
    }
    if (!isAnnounced) ++m_discontinuities;
    m_discontinuityAt = segment;
    line.upcoming = std::move(configured);
    line.filler.reset();
    std::erase_if(line.ready, [&](const ReadySlot& ready) { return ready.slot >= SlotId{segment, 0}; });
    line.assembler.reset({segment, 0});
    return {};
}

Result<Publication> Packager::push(std::size_t rendition, const EncodedFrame& frame, BootTime now) {
    Line& line = m_lines[rendition];
    if (m_isEnded) return fail(ErrorCode::Conflict, "the broadcast has ended");
    if (!line.current) return fail(ErrorCode::Protocol, "a frame came before the configuration of its track");
    Publication publication;
    if (line.isShed && !line.restoredFrom) return publication;
    const auto maxReady = static_cast<std::size_t>(
        m_plan.grid.slotsPerSegment() * mulDivCeil(kMaxAhead.count(), 1, m_plan.grid.segmentDuration().count()));
    if (line.ready.size() >= maxReady)
        return fail(ErrorCode::Overloaded, joined("rendition ", m_plan.renditions[rendition].id.text(), " is ",
                                                  kMaxAhead.count(), " s ahead of the slowest one"));
    std::optional<ReadySlot> ready = LIVE_TRY(line.assembler.push(frame, line.newest().configuration.view()));
    if (!ready) return publication;
    line.ready.push_back(std::move(*ready));
    advance(publication, now);
    return publication;
}

void Packager::workerRestarted() {
    for (Line& line : m_lines) {
        // Filler up to a change of configuration is ours and stays.
        const auto live = std::ranges::find(line.ready, false, &ReadySlot::isFiller);
        line.ready.erase(live, line.ready.end());
        if (line.isShed)
            line.assembler.reset(line.restoredFrom ? SlotId{*line.restoredFrom, 0} : m_next);
        else
            line.assembler.reset(line.ready.empty() ? m_next : m_plan.grid.next(line.ready.back().slot));
    }
}

Result<Publication> Packager::shed(std::size_t rendition, BootTime now) {
    if (rendition + 2 >= m_lines.size())
        return fail(ErrorCode::Conflict, "audio and the lowest video rendition are never shed");
    Line& line = m_lines[rendition];
    line.isShed = true;
    line.restoredFrom.reset();
    line.ready.clear();
    line.assembler.reset(m_next);
    m_multivariant = {};
    Publication publication;
    advance(publication, now);
    if (!publication.snapshot) publishSnapshot(publication, now);
    return publication;
}

Result<void> Packager::restoreShed(std::size_t rendition, std::int64_t fromSegment) {
    Line& line = m_lines[rendition];
    if (!line.isShed) return fail(ErrorCode::Conflict, "the rendition is not shed");
    if (SlotId{fromSegment, 0} < m_next)
        return fail(ErrorCode::Conflict, joined("segment ", fromSegment, " has begun already"));
    if (line.upcoming) {
        if (!line.window.empty())
            return fail(ErrorCode::Conflict, "segments with the configuration before are still listed");
        line.current = std::move(line.upcoming);
        line.upcoming.reset();
    }
    LIVE_TRY(fillerFor(line));
    line.restoredFrom = fromSegment;
    line.ready.clear();
    line.assembler.reset({fromSegment, 0});
    return {};
}

Result<Buffer> Packager::setFiller(std::size_t rendition, std::vector<EncodedFrame> frames) {
    Line& line = m_lines[rendition];
    if (!line.current) return fail(ErrorCode::Protocol, "filler came before the configuration of its track");
    line.filler = LIVE_TRY(Filler::create(line.track, std::move(frames), line.newest().configuration.view()));
    return line.filler->bytes();
}

// Filler with the init that is in force at m_next.
Result<Filler> Packager::fillerFor(const Line& line) const {
    if (line.filler && !line.upcoming) return *line.filler;
    const auto& segments = line.window.segments();
    for (auto segment = segments.rbegin(); segment != segments.rend(); ++segment) {
        if ((*segment)->initName != line.current->init.name) break;
        if ((*segment)->parts.size() < static_cast<std::size_t>(m_plan.grid.slotsPerSegment())) continue;
        if (Result<Filler> filler = Filler::fromSegment(line.track, **segment)) return filler;
    }
    return fail(ErrorCode::Conflict, "there is no filler for a rendition");
}

Result<Publication> Packager::fillTo(SlotId to, BootTime now) {
    if (m_isEnded || to <= m_next) return fail(ErrorCode::Conflict, "there is nothing to fill");
    const bool startsAnew = to.segment - m_next.segment > m_windowSegments;
    const SlotId from = startsAnew ? SlotId{to.segment - m_windowSegments, 0} : m_next;
    std::vector<std::deque<ReadySlot>> filled(m_lines.size());
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        Line& line = m_lines[i];
        if (line.isShed) continue;
        if (!line.current) return fail(ErrorCode::Conflict, "a rendition has no configuration yet");
        // A change of configuration that is due inside: its filler is in `ready` up to there.
        const SlotId change = line.upcoming ? std::clamp(SlotId{*m_discontinuityAt, 0}, from, to) : to;
        if (from < change)
            std::ranges::move(LIVE_TRY(fillerFor(line)).parts(from, change), std::back_inserter(filled[i]));
        if (change == to) continue;
        if (!line.filler) return fail(ErrorCode::Conflict, "there is no filler for a rendition's new configuration");
        std::ranges::move(line.filler->parts(change, to), std::back_inserter(filled[i]));
    }
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        if (m_lines[i].isShed) continue;
        m_lines[i].ready = std::move(filled[i]);
        m_lines[i].assembler.reset(to);
    }
    if (startsAnew) startListAt(from.segment, now);
    Publication publication;
    advance(publication, now);
    return publication;
}

// Everything listed leaves the list; `segment` is published next.
void Packager::startListAt(std::int64_t segment, BootTime now) {
    if (m_discontinuityAt && *m_discontinuityAt >= m_next.segment && *m_discontinuityAt < segment)
        m_discontinuityAt = segment;
    m_next = {segment, 0};
    trimTo(segment, now);
}

Result<Publication> Packager::end(BootTime now) {
    if (m_isEnded || m_next.part != 0 || m_lines.back().window.empty())
        return fail(ErrorCode::Conflict, "a broadcast ends once, at the end of a segment");
    m_isEnded = true;
    for (Line& line : m_lines) line.ready.clear();
    Publication publication;
    publishSnapshot(publication, now);
    return publication;
}

bool Packager::takesPart(const Line& line, SlotId slot) const {
    return !line.isShed || (line.restoredFrom && slot >= SlotId{*line.restoredFrom, 0});
}

bool Packager::isNextReady() const {
    return std::ranges::all_of(m_lines, [this](const Line& line) {
        return !takesPart(line, m_next) || (!line.ready.empty() && line.ready.front().slot == m_next);
    });
}

void Packager::advance(Publication& publication, BootTime now) {
    bool anyPublished = false;
    for (; isNextReady(); anyPublished = true) {
        for (std::size_t i = 0; i < m_lines.size(); ++i)
            if (m_lines[i].isShed && takesPart(m_lines[i], m_next)) catchUp(i, publication);
        publication.published.push_back(publishNext());
        if (m_next.part == 0) closeSegment(now);
    }
    if (anyPublished) publishSnapshot(publication, now);
}

PublishedSlot Packager::publishNext() {
    PublishedSlot published{{m_next, {}}, {}};
    published.slot.parts.resize(m_lines.size());
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        Line& line = m_lines[i];
        if (line.isShed) continue;
        if (line.upcoming && m_next == SlotId{*m_discontinuityAt, 0}) {
            line.current = std::move(line.upcoming);
            line.upcoming.reset();
            m_multivariant = {};
        }
        ReadySlot ready = std::move(line.ready.front());
        line.ready.pop_front();
        published.encodedAt = std::max(published.encodedAt, ready.encodedAt);
        published.slot.parts[i] = appendPart(line, ready.slot, std::move(ready.part));
    }
    m_next = m_plan.grid.next(m_next);
    return published;
}

store::MirrorPart Packager::appendPart(Line& line, SlotId slot, store::Part part) {
    const bool isDiscontinuity =
        m_discontinuityAt == slot.segment || m_lines.back().window.isDiscontinuity(slot.segment);
    line.window.append(slot, part, {line.current->init, isDiscontinuity});
    return {std::move(part), line.current->init.name, isDiscontinuity};
}

// A shed rendition is listed again: filler for all that the others have and it has not.
void Packager::catchUp(std::size_t index, Publication& publication) {
    Line& line = m_lines[index];
    line.isShed = false;
    line.restoredFrom.reset();
    m_multivariant = {};
    const auto& listed = m_lines.back().window.segments();
    const SlotId head{listed.empty() ? m_next.segment : listed.front()->number, 0};
    const SlotId from = line.window.empty() ? head : std::max(line.window.next(), head);
    if (from >= m_next) return;
    const Result<Filler> filler = fillerFor(line);
    LIVE_ASSERT(filler);  // restoreShed() has seen it
    for (ReadySlot& ready : filler->parts(from, m_next)) {
        PublishedSlot published{{ready.slot, {}}, {}};
        published.slot.parts.resize(m_lines.size());
        published.slot.parts[index] = appendPart(line, ready.slot, std::move(ready.part));
        publication.published.push_back(std::move(published));
    }
}

void Packager::closeSegment(BootTime now) {
    for (Line& line : m_lines) {
        if (line.isShed) continue;
        const store::Segment& closed = *line.window.segments().back();
        line.meter.addSegment(closed.byteSize(), closed.duration());
    }
    m_multivariant = {};  // the measured bandwidth
    trimTo(m_next.segment - m_windowSegments, now);
}

void Packager::trimTo(std::int64_t head, BootTime now) {
    // RFC 8216 §6.2.2: as long as the segment and the longest playlist that had it, from when it leaves the list.
    const BootTime until = now + (m_windowSegments + 2) * m_timing.targetDuration;
    RenditionWindow::Trimmed trimmed;
    for (Line& line : m_lines) {
        trimmed = line.window.trimTo(head, until);
        line.window.expire(now);
    }
    m_discontinuitySequence += trimmed.discontinuities;  // of audio, which is never shed
}

void Packager::publishSnapshot(Publication& publication, BootTime now) {
    const auto& listed = m_lines.back().window.segments();
    if (listed.empty() || listed.front()->number == m_next.segment) return;  // no closed segment yet
    auto snapshot = std::make_shared<store::StreamSnapshot>();
    snapshot->plan = m_plan;
    for (std::size_t i = 0; i < m_lines.size(); ++i) snapshot->renditions.push_back(describe(i));
    if (m_multivariant.plain.empty()) m_multivariant = multivariant();
    snapshot->multivariant = m_multivariant;
    snapshot->newest = m_plan.grid.slot(m_plan.grid.slotIndex(m_next) - 1);
    snapshot->hinted = m_next;
    snapshot->isEnded = m_isEnded;
    snapshot->publishedAt = now;
    m_snapshot = std::move(snapshot);
    publication.snapshot = m_snapshot;
}

store::RenditionSnapshot Packager::describe(std::size_t index) {
    const Line& line = m_lines[index];
    store::RenditionSnapshot snapshot;
    snapshot.id = m_plan.renditions[index].id;
    snapshot.kind = line.track.kind;
    snapshot.isShed = line.isShed;
    line.window.describe(snapshot);
    if (line.isShed) return snapshot;

    hls::MediaPlaylist playlist{.timing = m_timing,
                                .discontinuitySequence = m_discontinuitySequence,
                                .segments = line.window.lines(),
                                .otherRenditions = {},
                                .newest = m_plan.grid.slot(m_plan.grid.slotIndex(m_next) - 1),
                                .hint = m_isEnded ? std::nullopt : std::optional(m_next)};
    for (std::size_t other = 0; other < m_lines.size(); ++other)
        if (other != index && !m_lines[other].isShed)
            playlist.otherRenditions.push_back(m_plan.renditions[other].id.text());
    hls::MediaPlaylistText text = hls::write(playlist);
    snapshot.playlist = m_compressor.body(std::move(text.full));
    if (!text.delta.empty()) snapshot.delta = m_compressor.body(std::move(text.delta));
    return snapshot;
}

store::TextBody Packager::multivariant() {
    hls::Multivariant playlist{m_plan, {}};
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        const Line& line = m_lines[i];
        const media::Rendition& rendition = m_plan.renditions[i];
        playlist.renditions.push_back(
            {.rendition = rendition,
             .codec = line.current ? line.current->codec : "",
             .averageBandwidth = line.meter.hasFullSpan() ? line.meter.measured() : rendition.bitrate,
             .isShed = line.isShed});
    }
    return m_compressor.body(hls::write(playlist));
}

}  // namespace live::package
