#include "server/package/hls/media_playlist.h"

#include <algorithm>

#include "server/package/hls/tags.h"

namespace live::package::hls {

namespace {

void appendHeader(std::string& out, Version version, const MediaPlaylist& playlist) {
    out += "#EXTM3U\n";
    append(out, version);
    append(out, TargetDuration{playlist.timing.targetDuration});
    append(out, ServerControl{playlist.timing.targetDuration, playlist.timing.partTarget10us});
    append(out, PartInf{playlist.timing.partTarget10us});
    append(out, MediaSequence{playlist.segments.front().number()});
    append(out, DiscontinuitySequence{playlist.discontinuitySequence});
}

void appendTail(std::string& out, const MediaPlaylist& playlist) {
    if (playlist.hint) append(out, PreloadHint{*playlist.hint});
    for (const std::string& rendition : playlist.otherRenditions)
        append(out, RenditionReport{rendition, playlist.newest});
    if (!playlist.hint) append(out, EndList{});
}

// Segments that lie wholly before the skip boundary, which is measured from the end of the last closed segment.
std::size_t skippedSegments(const MediaPlaylist& playlist) {
    const auto lastClosed =
        std::find_if(playlist.segments.rbegin(), playlist.segments.rend(), [](const auto& s) { return s.isClosed(); });
    if (!playlist.hint || lastClosed == playlist.segments.rend()) return 0;
    const OutputTime boundary = lastClosed->end() - playlist.timing.skipBoundary();
    const auto first = std::ranges::find_if(playlist.segments, [&](const auto& s) { return s.end() > boundary; });
    return static_cast<std::size_t>(first - playlist.segments.begin());
}

}  // namespace

Timing::Timing(const media::Grid& grid) : partTarget10us(grid.partTarget10us()) {
    Nanoseconds longest = grid.segmentDuration();
    for (const media::TrackGrid& track : {grid.video(), grid.audio()}) {
        longest = std::max(longest, track.start(grid.mostFrames(track)).time_since_epoch());
    }
    targetDuration = std::chrono::round<Seconds>(longest);
}

ListedSegment::ListedSegment(const store::Segment& segment)
    : m_number(segment.number),
      m_start(segment.start),
      m_isDiscontinuity(segment.isDiscontinuity),
      m_initName(segment.initName) {
    append(m_dateTime, ProgramDateTime{segment.start});
    for (const store::Part& part : segment.parts) addPart(part);
}

void ListedSegment::addPart(const store::Part& part) {
    append(m_parts, PartialSegment{part.duration, {m_number, m_partCount}, part.isIndependent});
    m_duration += part.duration;
    ++m_partCount;
}

void ListedSegment::close() { append(m_end, SegmentEnd{m_duration, m_number}); }

// Order of tags as §4.4.4 has them: those that also apply to the parts come before the parts.
void ListedSegment::appendTo(std::string& out, Parts parts, MapTag map) const {
    if (m_isDiscontinuity) append(out, Discontinuity{});
    if (map == MapTag::Written) append(out, Map{m_initName});
    out += m_dateTime;
    if (parts == Parts::Listed) out += m_parts;
    out += m_end;
}

MediaPlaylistText write(const MediaPlaylist& playlist) {
    MediaPlaylistText text;
    text.full.reserve(512 + 192 * playlist.segments.size() + 4096);
    appendHeader(text.full, Version{6}, playlist);

    const std::size_t skipped = skippedSegments(playlist);
    const OutputTime partsFrom = playlist.segments.back().end() - playlist.timing.partsListedFor();
    std::size_t unskippedAt = 0;
    std::string_view initName;
    for (std::size_t i = 0; i < playlist.segments.size(); ++i) {
        const ListedSegment& segment = playlist.segments[i];
        if (i == skipped) unskippedAt = text.full.size();
        segment.appendTo(
            text.full, segment.end() > partsFrom ? ListedSegment::Parts::Listed : ListedSegment::Parts::LeftOut,
            segment.initName() != initName ? ListedSegment::MapTag::Written : ListedSegment::MapTag::LeftOut);
        initName = segment.initName();
    }
    appendTail(text.full, playlist);
    if (skipped == 0) return text;

    appendHeader(text.delta, Version{9}, playlist);
    append(text.delta, Skip{skipped});
    text.delta.append(text.full, unskippedAt);
    return text;
}

}  // namespace live::package::hls
