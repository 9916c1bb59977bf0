// The tags of rfc8216bis §4.4 that we write, one small value each; append() writes its line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/time.h"
#include "server/media/grid.h"

namespace live::package::hls {

// "2.005333333": exact, as differences of media times must add up without rounding.
void appendSeconds(std::string& out, Nanoseconds duration);
// A value in units of 10 µs with five decimals: "0.34134".
void appendSeconds10us(std::string& out, std::int64_t tens);
void appendInteger(std::string& out, std::int64_t value);

struct Version {  // §4.4.1.2
    int version = 6;
};
struct TargetDuration {  // §4.4.3.1
    Seconds duration{};
};
struct ServerControl {  // §4.4.3.8; all of it follows from these two
    Seconds targetDuration{};
    std::int64_t partTarget10us = 0;
};
struct PartInf {  // §4.4.3.7
    std::int64_t partTarget10us = 0;
};
struct MediaSequence {  // §4.4.3.2
    std::int64_t number = 0;
};
struct DiscontinuitySequence {  // §4.4.3.3
    std::uint32_t number = 0;
};
struct Skip {  // §4.4.5.2
    std::size_t segments = 0;
};
struct Discontinuity {};  // §4.4.4.3
struct Map {              // §4.4.4.5
    std::string_view uri;
};
struct ProgramDateTime {  // §4.4.4.6
    OutputTime time{};
};
struct PartialSegment {  // §4.4.4.9
    Nanoseconds duration{};
    media::SlotId slot;
    bool isIndependent = false;
};
struct SegmentEnd {  // EXTINF and URI, §4.4.4.1
    Nanoseconds duration{};
    std::int64_t number = 0;
};
struct PreloadHint {  // §4.4.5.3
    media::SlotId slot;
};
struct RenditionReport {  // §4.4.5.4
    std::string_view rendition;
    media::SlotId last;
};
struct EndList {};  // §4.4.3.4

void append(std::string& out, Version tag);
void append(std::string& out, TargetDuration tag);
void append(std::string& out, ServerControl tag);
void append(std::string& out, PartInf tag);
void append(std::string& out, MediaSequence tag);
void append(std::string& out, DiscontinuitySequence tag);
void append(std::string& out, Skip tag);
void append(std::string& out, Discontinuity tag);
void append(std::string& out, Map tag);
void append(std::string& out, ProgramDateTime tag);
void append(std::string& out, PartialSegment tag);
void append(std::string& out, SegmentEnd tag);
void append(std::string& out, PreloadHint tag);
void append(std::string& out, RenditionReport tag);
void append(std::string& out, EndList tag);

}  // namespace live::package::hls
