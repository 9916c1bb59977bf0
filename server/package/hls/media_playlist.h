// The text of a media playlist, whole and as a delta update (rfc8216bis §4.4, §6.2.5).
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "server/media/plan.h"
#include "server/store/snapshot.h"

namespace live::package::hls {

// What no playlist of a broadcast ever changes: TARGETDURATION, SERVER-CONTROL and PART-INF are the same in all
// renditions.
struct Timing {
    Seconds targetDuration{};
    std::int64_t partTarget10us = 0;

    // TARGETDURATION is the longest EXTINF of video or audio, rounded (§4.4.3.1).
    explicit Timing(const media::Grid& grid);
    Nanoseconds partsListedFor() const { return 3 * targetDuration; }
    Nanoseconds skipBoundary() const { return 6 * targetDuration; }
};

// A listed segment with its lines made once. The lines of its parts are kept apart, as they leave the playlist first.
class ListedSegment {
public:
    explicit ListedSegment(const store::Segment& segment);
    void addPart(const store::Part& part);
    // After the last part: from now on EXTINF and the URI follow.
    void close();

    std::int64_t number() const { return m_number; }
    bool isDiscontinuity() const { return m_isDiscontinuity; }
    bool isClosed() const { return !m_end.empty(); }
    OutputTime end() const { return m_start + m_duration; }
    const std::string& initName() const { return m_initName; }

    enum class Parts : std::uint8_t { Listed, LeftOut };
    enum class MapTag : std::uint8_t { Written, LeftOut };
    void appendTo(std::string& out, Parts parts, MapTag map) const;

private:
    std::int64_t m_number;
    OutputTime m_start;
    Nanoseconds m_duration{};
    std::int32_t m_partCount = 0;
    bool m_isDiscontinuity;
    std::string m_initName;
    std::string m_dateTime;
    std::string m_parts;
    std::string m_end;
};

struct MediaPlaylist {
    const Timing& timing;
    std::uint32_t discontinuitySequence = 0;
    const std::deque<ListedSegment>& segments;  // not empty; all but the last are closed
    std::vector<std::string> otherRenditions;   // that are not shed: one report each
    media::SlotId newest;                       // what the reports say
    std::optional<media::SlotId> hint;          // absent: the playlist has ended
};

struct MediaPlaylistText {
    std::string full;
    std::string delta;  // empty when nothing would be skipped
};

MediaPlaylistText write(const MediaPlaylist& playlist);

}  // namespace live::package::hls
