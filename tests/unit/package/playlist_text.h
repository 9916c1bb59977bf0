// A media playlist read back from its text, as strictly as a test needs it.
#pragma once

#include <cstdlib>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "common/base/time.h"

namespace live::test {

// "0.333333334" in nanoseconds, exactly.
inline Nanoseconds parseSeconds(const std::string& text) {
    const std::size_t point = text.find('.');
    std::string fraction = text.substr(point + 1, text.find_first_not_of("0123456789", point + 1) - point - 1);
    fraction.resize(9, '0');
    return Seconds(std::atoll(text.c_str())) + Nanoseconds(std::atoll(fraction.c_str()));
}

inline std::string attribute(const std::string& line, const std::string& name) {
    for (const char* before : {":", ","}) {
        const std::size_t at = line.find(before + name + "=");
        if (at == std::string::npos) continue;
        std::string value = line.substr(at + name.size() + 2);
        return value[0] == '"' ? value.substr(1, value.find('"', 1) - 1) : value.substr(0, value.find(','));
    }
    return {};
}

struct PartText {
    Nanoseconds duration{};
    std::string uri;
    bool isIndependent = false;
    friend bool operator==(const PartText&, const PartText&) = default;
};

struct SegmentText {
    bool isDiscontinuity = false;
    std::string map;
    std::string dateTime;
    std::vector<PartText> parts;
    std::optional<Nanoseconds> duration;  // absent: open
    std::string uri;
    std::string text;  // its lines as they are
};

struct PlaylistText {
    std::map<std::string, std::string> header;  // tag → value
    std::vector<SegmentText> segments;
    std::string hint;
    std::vector<std::string> reports;
    bool hasEndList = false;
    std::size_t skipped = 0;
    std::vector<std::string> problems;  // lines that do not belong where they are

    std::int64_t sequence() const { return std::atoll(header.at("#EXT-X-MEDIA-SEQUENCE").c_str()); }
};

inline PlaylistText parsePlaylist(const std::string& text) {
    PlaylistText playlist;
    SegmentText segment;
    const auto finishSegment = [&] {
        if (!segment.text.empty()) playlist.segments.push_back(std::exchange(segment, {}));
    };
    std::istringstream lines(text);
    std::string line;
    while (std::getline(lines, line)) {
        const std::string tag = line.substr(0, line.find(':'));
        const std::string value = tag.size() < line.size() ? line.substr(tag.size() + 1) : std::string();
        const bool isLate = !segment.parts.empty() || segment.duration;
        if (tag == "#EXT-X-DISCONTINUITY" || tag == "#EXT-X-MAP" || tag == "#EXT-X-PROGRAM-DATE-TIME") {
            if (isLate) playlist.problems.push_back(line + " after a part");
            segment.isDiscontinuity |= tag == "#EXT-X-DISCONTINUITY";
            if (tag == "#EXT-X-MAP") segment.map = attribute(line, "URI");
            if (tag == "#EXT-X-PROGRAM-DATE-TIME") segment.dateTime = value;
        } else if (tag == "#EXT-X-PART") {
            segment.parts.push_back({parseSeconds(attribute(line, "DURATION")), attribute(line, "URI"),
                                     attribute(line, "INDEPENDENT") == "YES"});
        } else if (tag == "#EXTINF") {
            segment.duration = parseSeconds(value);
        } else if (line[0] != '#') {
            segment.uri = line;
        } else {
            finishSegment();
            if (tag == "#EXT-X-PRELOAD-HINT")
                playlist.hint = attribute(line, "URI");
            else if (tag == "#EXT-X-RENDITION-REPORT")
                playlist.reports.push_back(line);
            else if (tag == "#EXT-X-ENDLIST")
                playlist.hasEndList = true;
            else if (tag == "#EXT-X-SKIP")
                playlist.skipped = static_cast<std::size_t>(std::atoll(attribute(line, "SKIPPED-SEGMENTS").c_str()));
            else if (!playlist.header.emplace(tag, value).second)
                playlist.problems.push_back(line + " twice");
            continue;
        }
        segment.text += line + '\n';
        if (!segment.uri.empty()) finishSegment();
    }
    finishSegment();
    return playlist;
}

}  // namespace live::test
